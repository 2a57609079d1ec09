import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SkippedTest } from './tally-reporter.ts';

/** Something a test may need that not every machine has. Tests say it in their name or their note. */
interface Need {
  readonly name: string;
  readonly pattern: RegExp;
  /** The command that provides it. */
  readonly command: string;
}

const RECORDINGS: Need = {
  name: 'the real recordings',
  pattern: /recordings|shared\/data|KINETUNE_TEST_DATA/i,
  command: 'KINETUNE_TEST_DATA=/folder/of/recordings npm test',
};

/** No command provides it where a sandbox takes the right from root, as continuous integration may. */
const MOUNTS: Need = {
  name: 'the right to mount a file system',
  pattern: /may not mount/i,
  command: 'npm test, as root and outside of a sandbox',
};

const NEEDS: readonly Need[] = [
  RECORDINGS,
  MOUNTS,
  { name: 'PostgreSQL', pattern: /postgres/i, command: 'apt-get install -y postgresql && npm test' },
  { name: 'Chromium', pattern: /chromium|browser/i, command: 'apt-get install -y chromium && npm test' },
  { name: 'the watch data', pattern: /watch data|seglearn/i, command: 'npx kinetune data fetch watch && npm test' },
  {
    name: 'the reference implementation of safetensors',
    pattern: /safetensors/i,
    command: 'python3 -m pip install safetensors numpy && npm test',
  },
  {
    name: 'an ordinary user (permissions do not bind root)',
    pattern: /ordinary user|as root/i,
    command: 'npm test, not as root',
  },
  { name: 'TensorFlow', pattern: /tensorflow|libtensorflow/i, command: 'npx nx run native:build && npm test' },
];

const UNSTATED: Need = { name: 'a reason that its name does not state', pattern: /^/, command: 'npm test' };

export interface SkipJudgement {
  /** For people: each skipped test under what it needs and the command that provides it. */
  readonly lines: readonly string[];
  /** How many count as failed: under `KINETUNE_REQUIRE_ALL=1` all, but those for recordings that are not there and rights that nobody has. */
  readonly failedCount: number;
}

export interface SkipSurroundings {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Groups skipped tests by what they need, and says whether they may be skipped here. */
export function judgeSkips(skipped: readonly SkippedTest[], { root, env }: SkipSurroundings): SkipJudgement {
  const isAllRequired = env['KINETUNE_REQUIRE_ALL'] === '1';
  const dataFolder = resolve(root, env['KINETUNE_TEST_DATA'] || '../shared/data');
  const lines: string[] = [];
  let failedCount = 0;
  for (const [need, tests] of groupByNeed(skipped)) {
    const isExcused = need === MOUNTS || (need === RECORDINGS && !existsSync(dataFolder));
    const isFailure = isAllRequired && !isExcused;
    if (isFailure) failedCount += tests.length;
    lines.push(`${isFailure ? 'FAILED' : 'skipped'}: ${tests.length} that need ${need.name}. Run: ${need.command}`);
    lines.push(...tests.map(({ file, name, note }) => `  ${file}: ${name}${note ? ` (${note})` : ''}`));
  }
  return { lines, failedCount };
}

function groupByNeed(skipped: readonly SkippedTest[]): ReadonlyMap<Need, readonly SkippedTest[]> {
  return Map.groupBy(skipped, ({ name, note, file }) => {
    // The reason alone where it is given as one: a name may speak of recordings and lack something else.
    const stated = note ?? /\(skipped: [^)]*\)/.exec(name)?.[0] ?? `${name} ${file}`;
    return NEEDS.find((need) => need.pattern.test(stated)) ?? UNSTATED;
  });
}
