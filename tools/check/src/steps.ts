import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Step } from './run-step.ts';

export interface StepOptions {
  /** Where the reporter leaves its count. */
  readonly tallyFile: string;
  readonly vitestArguments: readonly string[];
}

/**
 * All steps in the order they run. A project whose committed files are generated (a printed schema, migrations) adds a
 * script named `check-generated` to its package.json, which fails when they are stale and says how to renew them.
 */
export async function findSteps(root: string, options: StepOptions): Promise<readonly Step[]> {
  const reporter = join(import.meta.dirname, 'tally-reporter.ts');
  process.env['KINETUNE_TALLY_FILE'] = options.tallyFile;
  return [
    { name: 'native', command: ['node', 'tools/native/main.mjs'] },
    { name: 'types', command: ['tsc', '--project', 'tsconfig.json', '--noEmit'] },
    // Next's own types are generated first, and its module resolution is a bundler's.
    { name: 'types of apps/web', command: ['npm', 'run', '--silent', 'typecheck', '--workspace', 'apps/web'] },
    // Through Nx: without its project graph the boundary rule is skipped with a mere warning.
    { name: 'lint', command: ['nx', 'run', 'check:lint'] },
    { name: 'format', command: ['prettier', '--check', '.'] },
    { name: 'dead exports', command: ['knip'] },
    ...(await findGeneratedSteps(root)),
    {
      name: 'tests',
      command: ['vitest', 'run', '--reporter=default', `--reporter=${reporter}`, ...options.vitestArguments],
      countsTests: true,
    },
  ];
}

async function findGeneratedSteps(root: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for await (const file of glob('{apps,libs,tools}/*/package.json', { cwd: root })) {
    const { scripts } = JSON.parse(await readFile(join(root, file), 'utf8')) as { scripts?: Record<string, string> };
    if (!scripts?.['check-generated']) continue;
    const folder = dirname(file);
    const command = ['npm', 'run', '--silent', 'check-generated', '--workspace', folder] as const;
    steps.push({ name: `generated files of ${folder}`, command: [...command] });
  }
  return steps.sort((a, b) => (a.name < b.name ? -1 : 1));
}
