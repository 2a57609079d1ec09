/** A study whose trainer is the Python example: searched, pruned, killed and resumed like one of our own. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStudyByName, listTrials, openStorage } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspaceRoot } from './command-line/paths.ts';
import type { Findings } from './findings/findings.ts';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { studyResults, type StudyResults } from './testing/study-results.ts';

const EXAMPLE = join(workspaceRoot, 'examples/python-trainer');
let homes: PreparedHomes;
let undisturbed: StudyResults;
let printed: { readonly findings: Findings; readonly stderr: string };

/** The example in a folder of its own, its files changed. */
function copyExample(name: string, changes: Readonly<Record<string, (text: string) => string>> = {}): string {
  const folder = join(homes.folder, name);
  mkdirSync(folder);
  cpSync(EXAMPLE, folder, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const before = readFileSync(join(folder, file), 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(join(folder, file), after);
  }
  return join(folder, 'study.yaml');
}

const withoutModel = (text: string): string =>
  text.replace('budget: { trials: 16 }', 'budget: { trials: 6 }').replace(/exploit:[\s\S]*/, '');

beforeAll(async () => {
  homes = await prepareHomes();
  const home = homes.create();
  const { code, stdout, stderr } = await runKinetune(['train', join(EXAMPLE, 'study.yaml'), '--slots', '1', '--json'], {
    home,
    trainer: undefined,
  });
  expect(stderr).toContain('its trainer brings its own');
  expect(code).toBe(0);
  printed = { findings: JSON.parse(stdout) as Findings, stderr };
  undisturbed = await studyResults(home, 'python-rings');
}, 120_000);
afterAll(() => homes[Symbol.dispose]());

it('the script that the documentation shows is the example, of about thirty lines', () => {
  const documented = readFileSync(join(workspaceRoot, 'docs/trainer-protocol.md'), 'utf8');
  const script = readFileSync(join(EXAMPLE, 'train.py'), 'utf8');
  expect(/```python\n([\s\S]*?)```/.exec(documented)?.[1]).toBe(script);
  expect(script.trim().split('\n').length).toBeLessThanOrEqual(36);
});

describe('a study trained by a Python script', () => {
  it('is explored and exploited with pruning, without data, baselines or a catalogue', () => {
    const { findings } = printed;
    expect(findings.trials.COMPLETED + findings.trials.PRUNED).toBe(24);
    expect(findings.trials.PRUNED).toBeGreaterThan(0);
    expect(findings).toMatchObject({ data: null, baselines: [], control: null });
    expect(findings.study).toMatchObject({ model: 'train.py', state: 'COMPLETED', isBuiltIn: false });
    expect(findings.best[0]?.metrics.validationAccuracy).toBeGreaterThan(0.7);
    expect(findings.notEstablished.join(' ')).not.toContain('catalogue');
    expect(findings.next.map(({ command }) => command).join(' ')).not.toContain('--shuffle-labels');
  });

  it('gives the same explored trials on two slots, killed in the middle and resumed, no epoch lost or doubled', async () => {
    const file = copyExample('killed', {
      'study.yaml': withoutModel,
      'train.py': (text) =>
        text.replace('        trial.measured(', '        __import__("time").sleep(0.05)\n        trial.measured('),
    });
    const home = homes.create();
    const first = startKinetune(['train', file, '--slots', '2'], { home, trainer: undefined });
    await first.until(/trial \d+: epoch 6\/12/);
    first.kill('SIGKILL');
    expect((await first.result).signal).toBe('SIGKILL');
    const second = await runKinetune(['train', file, '--slots', '2'], { home, trainer: undefined });
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/goes on after epoch \d+/);
    const resumed = await studyResults(home, 'python-rings');
    expect(resumed.trials).toEqual(undisturbed.trials.slice(0, 6));
    expect(resumed.curves).toEqual(undisturbed.curves.slice(0, 6));
  }, 60_000);

  it('may have a process for each trial', async () => {
    const file = copyExample('one', {
      'study.yaml': withoutModel,
      'kinetune_trainer.py': (text) =>
        text
          .replace('device=device)\n', 'device=device, trialsPerProcess="one")\n')
          .replace('        say(**outcome)\n', '        say(**outcome)\n        return\n'),
    });
    const home = homes.create();
    expect((await runKinetune(['train', file, '--slots', '2'], { home, trainer: undefined })).code).toBe(0);
    expect((await studyResults(home, 'python-rings')).trials).toEqual(undisturbed.trials.slice(0, 6));
    await using storage = await openStorage(home);
    const study = await findStudyByName(storage.db, 'python-rings');
    const trials = await listTrials(storage.db, study?.id ?? '');
    expect(trials.map(({ attempts, failures }) => [attempts, failures])).toEqual(Array(6).fill([1, 0]));
  }, 60_000);

  it.each([
    ['python3', 'pyhton3', 'trainer.command: expected a program on the PATH, got pyhton3'],
    ['python3', './missing', 'found none; paths are read from'],
    ['[python3, train.py]', '[./train.py]', 'chmod +x it, or name its interpreter first, as in [python3, ./train.py]'],
    ['[python3, train.py]', '[train.py]', 'A file of that name lies beside the study: write ./train.py'],
    ['[python3, train.py]', 'python3 train.py', 'study.yaml:5: trainer.command: expected a list of words such as'],
    [
      'metric: validationLoss',
      'metric: loss',
      'objective.metric: expected one of validationLoss, validationAccuracy, got loss.',
    ],
    ['metric: validationLoss', 'metric: validationAccuracy', 'validationAccuracy is to be maximised, got minimise'],
    ['fixed:', 'constraints: [weightCount < 5]\nfixed:', 'Only the built-in trainer counts weights before it trains'],
  ])('is refused before it starts: %s -> %s', async (before, after, message) => {
    const text = readFileSync(join(EXAMPLE, 'study.yaml'), 'utf8');
    const folder = join(homes.folder, `wrong-${createName(after)}`);
    mkdirSync(folder);
    cpSync(EXAMPLE, folder, { recursive: true });
    writeFileSync(join(folder, 'study.yaml'), text.replace(before, after));
    const { code, stderr } = await runKinetune(['study', 'check', join(folder, 'study.yaml')], {
      home: homes.create(),
      trainer: undefined,
    });
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('that measures what it does not declare is told so', async () => {
    const file = copyExample('undeclared', {
      'study.yaml': withoutModel,
      'train.py': (text) => text.replace('"validationAccuracy": accuracy', '"accuracy": accuracy'),
    });
    const { code, stderr } = await runKinetune(['train', file], { home: homes.create(), trainer: undefined });
    expect(stderr).toContain('it measured accuracy, which the study does not declare');
    expect(code).toBe(4);
  }, 60_000);
});

let names = 0;
function createName(after: string): string {
  return `${names++}-${after.replace(/\W/g, '')}`;
}
