/** `kinetune check-trainer` on the Python example, and on the same with one thing broken: that thing is found. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainerCheck } from './check-trainer/trainer-check.ts';
import { workspaceRoot } from './command-line/paths.ts';
import { runKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';

const EXAMPLE = join(workspaceRoot, 'examples/python-trainer');
let homes: PreparedHomes;
beforeAll(async () => void (homes = await prepareHomes()));
afterAll(() => homes[Symbol.dispose]());

async function check(args: readonly string[]): Promise<{ code: number | null; checks: readonly TrainerCheck[] }> {
  const { code, stdout, stderr } = await runKinetune(['check-trainer', '--json', ...args], {
    home: join(homes.folder, 'none'),
    trainer: undefined,
  });
  if (stdout === '') throw new Error(stderr);
  return { code, checks: (JSON.parse(stdout) as { checks?: TrainerCheck[] }).checks ?? [] };
}

let copies = 0;
function broken(file: 'train.py' | 'kinetune_trainer.py', from: string, to: string): string {
  const folder = join(homes.folder, `broken-${copies++}`);
  mkdirSync(folder);
  cpSync(EXAMPLE, folder, { recursive: true });
  const text = readFileSync(join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replaceAll(from, to));
  return join(folder, 'train.py');
}

const helper = 'kinetune_trainer.py' as const;
const small = ['--configuration', '{"epochs": 5}'];

describe('kinetune check-trainer', () => {
  it('finds that the example keeps the protocol, by its command alone and by its study', async () => {
    const alone = await check(['--', 'python3', join(EXAMPLE, 'train.py')]);
    expect(alone.checks.filter(({ outcome }) => outcome !== 'pass').map(({ name }) => name)).toEqual([
      'numbers that are not finite',
    ]);
    expect(alone.code).toBe(0);
    const byStudy = await check([...small, '--study', join(EXAMPLE, 'study.yaml')]);
    expect(byStudy.code).toBe(0);
  }, 60_000);

  it.each([
    ['no version is looked at', helper, 'start.get("protocol") != 1', 'False', 'another version', []],
    [
      'a bad line ends it',
      helper,
      '(ValueError, KeyError, TypeError)',
      'ZeroDivisionError',
      'lines that are no messages',
      ['--silence-limit', '3'],
    ],
    [
      'weights are not kept',
      'train.py',
      'trial.resume() or',
      '{**trial.resume(), "weights": [0.0] * 4} if trial.resume() else',
      'resume after a kill',
      [],
    ],
    [
      'epochs are measured again',
      helper,
      'measurement["step"] > self._start.get("resumeFromStep", 0)',
      'True',
      'resume after a kill',
      [],
    ],
    [
      'a second trial is not waited for',
      helper,
      '        commands.busy = False\n        say(**outcome)',
      '        say(**outcome)\n        return',
      'next trial',
      [],
    ],
    ['the best is the first', helper, 'max(scored, key=', 'min(scored, key=', 'best step', []],
    ['NaN is written', helper, 'if math.isfinite(value) else None', 'if value < 0.0 else math.nan', 'training', []],
    [
      'it hangs',
      'train.py',
      'state["epoch"] = epoch',
      '__import__("time").sleep(60)',
      'training',
      ['--silence-limit', '1'],
    ],
    [
      'stop is not heeded',
      helper,
      'self.stopped or self._commands.stop.is_set()',
      '__import__("time").sleep(0.6)',
      'stop',
      ['--stop-limit', '1'],
    ],
    [
      'shutdown is not heeded',
      helper,
      'if kind == "shutdown":\n                    break',
      'if kind == "shutdown":\n                    continue',
      'shutdown',
      ['--stop-limit', '1'],
    ],
  ] as const)(
    'finds the fault: %s',
    async (_, file, from, to, name, more) => {
      const allowed = to.includes('math.nan') ? ['allow_nan=False', 'allow_nan=True'] : undefined;
      const script = broken(file, from, to);
      if (allowed !== undefined) {
        const path = join(script, '..', helper);
        writeFileSync(path, readFileSync(path, 'utf8').replace(...(allowed as [string, string])));
      }
      const { code, checks } = await check([...small, ...more, '--', 'python3', script]);
      const failed = checks.filter(({ outcome }) => outcome === 'fail');
      expect(failed.map((one) => one.name)).toContain(name);
      expect(failed.every(({ expected, came }) => expected !== '' && came !== '')).toBe(true);
      if (allowed !== undefined) expect(failed[0]?.advice).toContain('send null');
      expect(code).toBe(5);
    },
    60_000,
  );

  it('takes a diverging configuration, and a trainer that is none', async () => {
    const script = broken(helper, 'math.isfinite(value)', 'value < 100.0 and math.isfinite(value)');
    const far = join(script, '..', 'train.py');
    writeFileSync(far, readFileSync(far, 'utf8').replace('accuracy}\n', 'accuracy if rate < 1 else math.nan}\n'));
    const { checks } = await check([...small, '--diverging', '{"learningRate": 1e9}', '--', 'python3', script]);
    expect(checks.at(-1)).toMatchObject({ name: 'numbers that are not finite', outcome: 'pass' });
    const none = await check(['--', 'true']);
    expect(none.checks).toMatchObject([{ name: 'ready', outcome: 'fail', came: 'it exited with code 0' }]);
    expect(none.code).toBe(5);
    expect((await check(['--', 'no-such-program'])).code).toBe(2);
    expect((await check([])).code).toBe(2);
  }, 60_000);
});
