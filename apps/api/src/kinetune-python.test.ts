/** A study whose trainer is the Python example: searched, pruned, killed and resumed like one of our own. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { partIndices, parseSplit, PARTS, readWindows, type Part } from '@kinetune/data';
import { findStudyByName, listTrials, openStorage } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspaceRoot } from './command-line/paths.ts';
import type { Findings } from './findings/findings.ts';
import { writeSmallStudy } from './testing/small-study.ts';
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

/** Nearest mean of the channels' variances, by which the small study's activities differ: needs the windows and who is in which part. */
const NEAREST_MEAN = `import json
from kinetune_trainer import serve
from kinetune_windows import read_windows

def features(window):
    columns = list(zip(*window))
    return [sum((x - sum(c) / len(c)) ** 2 for x in c) / len(c) for c in columns] + [sum(abs(a - b) for a, b in zip(c, c[1:])) for c in columns]

def train(trial):
    parts = read_windows(trial.data)
    with open("seen.json", "a") as file:
        counts = {part: [len(windows), sum(sum(map(sum, window)) for window, _ in windows)] for part, windows in parts.items()}
        file.write(json.dumps({"fold": trial.fold, "data": trial.data, "counts": counts}) + "\\n")
    done = trial.resume() or 0
    trial.started(total_epochs=2, resumed_from=done)
    by_label = {}
    for window, label in parts["train"]:
        by_label.setdefault(label, []).append(features(window))
    means = {label: [sum(c) / len(c) for c in zip(*rows)] for label, rows in by_label.items()}
    distance = lambda a, b: sum(trial.configuration["weight"] ** i * (x - y) ** 2 for i, (x, y) in enumerate(zip(a, b)))
    for epoch in trial.epochs(done):
        right = sum(min(means, key=lambda one: distance(means[one], features(window))) == label for window, label in parts["validation"])
        trial.measured(epoch, {"validationAccuracy": right / len(parts["validation"])}, epoch)

serve("nearest-mean", train)
`;

describe('a study with data, trained by a command', () => {
  it('gives each fold its windows and people, and says whose results they are', async () => {
    const file = writeSmallStudy(join(homes.folder, 'with-data'), { trials: 2 });
    const folder = dirname(file);
    cpSync(EXAMPLE, folder, { recursive: true, filter: (path) => !path.endsWith('study.yaml') });
    writeFileSync(join(folder, 'train.py'), NEAREST_MEAN);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      `${text.slice(0, text.indexOf('model:'))}trainer:
  command: [python3, train.py]
  metrics: [{ name: validationAccuracy, direction: maximise }]
objective: { metric: validationAccuracy, direction: maximise }
space:
  weight: { type: float, minimum: 0.5, maximum: 2 }
folds: [0, 1]
budget: { trials: 2 }
`,
    );
    const home = homes.create();
    const { code, stdout, stderr } = await runKinetune(['train', file, '--slots', '1', '--json'], {
      home,
      trainer: undefined,
    });
    expect(stderr).not.toContain('its trainer brings its own');
    expect(code).toBe(0);
    const findings = JSON.parse(stdout) as Findings;
    expect(findings.trials.COMPLETED).toBe(4);
    expect(findings.data).toMatchObject({ windowLength: 32 });
    // Three activities of like frequency: chance is 1/3.
    expect(findings.best[0]?.value).toBeGreaterThan(0.6);
    const seen = readFileSync(join(folder, 'seen.json'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Seen);
    expect(seen.map(({ fold }) => fold).sort()).toEqual([0, 0, 1, 1]);
    for (const { data, counts } of seen) {
      const windows = await readWindows(data.windowsFile);
      const parts = partIndices(windows, parseSplit(JSON.parse(readFileSync(data.splitFile, 'utf8')), data.splitFile));
      const size = windows.length * windows.channels.length;
      for (const part of PARTS) {
        const sum = [...parts[part]].reduce(
          (all, index) => all + windows.samples.subarray(index * size, (index + 1) * size).reduce((a, b) => a + b, 0),
          0,
        );
        expect(counts[part][0]).toBe(parts[part].length);
        expect(counts[part][1]).toBeCloseTo(sum, 2);
      }
    }
    const again = await runKinetune(['train', file, '--shuffle-labels'], { home, trainer: undefined });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('expected a study of the built-in trainer, whose labels can be permuted');
  }, 120_000);
});

interface Seen {
  readonly fold: number;
  readonly data: { readonly windowsFile: string; readonly splitFile: string };
  readonly counts: Readonly<Record<Part, readonly [number, number]>>;
}

let names = 0;
function createName(after: string): string {
  return `${names++}-${after.replace(/\W/g, '')}`;
}
