/** The command line from outside: processes, signals, exit codes, with a trainer that misbehaves on demand. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Findings } from './findings/findings.ts';
import type { FakeBehaviour } from './testing/fake-trainer.ts';
import { kinetuneEnvironment, kinetuneWords, runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { studyResults, type StudyResults } from './testing/study-results.ts';
import { writeSmallStudy } from './testing/small-study.ts';

let homes: PreparedHomes;
let study: string;
/** What an undisturbed run finds; every disturbed one must end with the same. */
let undisturbed: StudyResults;

beforeAll(async () => {
  homes = await prepareHomes();
  study = writeSmallStudy(join(homes.folder, 'study'));
  const home = homes.create();
  await runKinetune(['train', study, '--slots', '1', '--json'], { home, trainer: {} });
  undisturbed = await studyResults(home, 'small');
});
afterAll(() => homes[Symbol.dispose]());

function journalOf(file: string): { trial: number; attempt: number; epoch: number; pid: number }[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [trial, attempt, epoch, pid] = line.split(' ').map(Number) as [number, number, number, number];
      return { trial, attempt, epoch, pid };
    });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const findingsOf = (stdout: string): Findings => JSON.parse(stdout) as Findings;

describe('kinetune train', () => {
  it('prints one JSON object on one line with --json and nothing else on stdout', async () => {
    const result = await runKinetune(['train', study, '--json'], { home: homes.create(), trainer: {} });
    expect(result.code).toBe(0);
    expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
    const findings = findingsOf(result.stdout);
    expect(findings.study).toMatchObject({ name: 'small', state: 'COMPLETED', budgetTrials: 4 });
    expect(findings.trials.COMPLETED).toBe(4);
    expect(findings.best[0]?.value).toBeGreaterThan(findings.best[3]?.value as number);
    expect(findings.hyperparameters.map(({ name }) => name)).toEqual(['learningRate', 'dropout']);
    expect(findings.baselines.map(({ name }) => name)).toEqual(['majority-class', 'logistic-regression']);
    expect(findings.data?.people.test).toHaveLength(2);
  });

  it('gives the same trials and curves with three slots as with one', async () => {
    const home = homes.create();
    await runKinetune(['train', study, '--slots', '3'], { home, trainer: { epochMs: 20 } });
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
  });

  it('writes plain lines without escape codes where there is no terminal', async () => {
    const { stdout, stderr } = await runKinetune(['train', study], { home: homes.create(), trainer: {} });
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stderr).toMatch(/trial 0 completed in .*validationMacroF1 0\.\d{4} at epoch 5/);
    expect(stdout).toContain('Regions explored and regions of high values');
    expect(stdout).toContain('Not established');
    // Commands are never cut: they are there to be copied.
    const prose = stdout.split('\n').filter((line) => !line.startsWith('  npx '));
    for (const line of prose) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('draws bars in a terminal and leaves its cursor visible', async () => {
    const words = kinetuneWords(['train', study, '--slots', '2']).map((word) => `'${word}'`);
    const { stdout } = await promisify(execFile)(
      'script',
      ['-qec', `stty cols 60 rows 20; ${words.join(' ')}`, '/dev/null'],
      { env: kinetuneEnvironment({ home: homes.create(), trainer: { epochMs: 60 } }) },
    );
    expect(stdout).toMatch(/trial 0 .*epoch [1-5]\/5 +\d+ %/);
    expect(stdout).toContain('\u001b[?25l');
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
    expect(stdout).toContain('Best trials by validationMacroF1');
    for (const line of stdout.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').split(/[\r\n]+/)) {
      if (/^trial \d+ +[━─]/.test(line)) expect(line.length).toBeLessThan(60);
    }
  });
});

describe('a trainer that misbehaves', () => {
  it('is replaced, and its trial goes on from the last durable epoch to the same result', async () => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const line = '{"type":"measurement","step":10,"epoch":1,"values":{}}';
    const result = await runKinetune(['train', study, '--slots', '1'], {
      home,
      trainer: {
        journal,
        crash: [{ trial: 0, attempt: 1, epoch: 3 }],
        killed: [{ trial: 1, attempt: 1, epoch: 4 }],
        failed: [{ trial: 2, attempt: 1, epoch: 2 }],
        babble: [
          { trial: 3, attempt: 1, epoch: 2, line: 'Traceback (most recent call last):' },
          { trial: 3, attempt: 2, epoch: 3, line: '{"type":"measurement","epoch":1,"values":{}}' },
          { trial: 3, attempt: 3, epoch: 5, line },
        ],
      },
    });
    expect(result.stderr).toMatch(/trial 0 is tried again: the trainer exited with code 7/);
    expect(result.stderr).toMatch(/trial 1 is tried again: the trainer was ended by SIGKILL/);
    expect(result.stderr).toMatch(/trial 2 is tried again: the device was lost/);
    expect(result.stderr).toMatch(/trial 3 .* protocol: expected a JSON message a line, got Traceback/);
    expect(result.stderr).toMatch(/trial 3 .* protocol: expected a message of the trainer protocol, .*step/);
    expect(result.stderr).toMatch(/trial 3 .* protocol: expected a step after 40, got a measurement at step 10/);
    expect(result.code).toBe(0);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
    const epochs = journalOf(journal).map(({ trial, epoch }) => `${trial}/${epoch}`);
    expect(new Set(epochs).size).toBe(epochs.length);
    expect(epochs).toHaveLength(20);
  });

  it('and hangs is ended after the limit of silence and tried again', async () => {
    const home = homes.create();
    const result = await runKinetune(['train', study, '--slots', '1'], {
      home,
      trainer: { hang: [{ trial: 1, attempt: 1, epoch: 3 }] },
      environment: { KINETUNE_SILENCE_LIMIT_MS: '1500' },
    });
    expect(result.stderr).toMatch(/trial 1 is tried again: hung: no message for/);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
  });

  it('and crashes three times without getting further makes its trial FAILED; the others finish, and the exit code is 4', async () => {
    const home = homes.create();
    const result = await runKinetune(['train', study, '--json'], {
      home,
      trainer: { crash: [{ trial: 1, epoch: 3 }] },
    });
    expect(result.code).toBe(4);
    const findings = findingsOf(result.stdout);
    expect(findings.trials).toMatchObject({ COMPLETED: 3, FAILED: 1 });
    expect(findings.failed[0]).toMatchObject({ trial: 1 });
    expect(readFileSync(join(home, 'logs/small/trial-0001.log'), 'utf8')).toContain('attempt 3');
    const mended = await runKinetune(['train', study], { home, trainer: {} });
    expect(mended.stderr).toContain('1 trial that failed before will be tried again');
    expect(mended.code).toBe(0);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
  });

  it('and cannot start ends the command with exit code 3 and what it said, without spending attempts', async () => {
    const home = homes.create();
    const result = await runKinetune(['train', study], { home, trainer: { failsToStart: true } });
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/cannot start: it exited with code 1.*libtensorflow\.so\.2: cannot open/s);
    const again = await runKinetune(['train', study, '--slots', '1'], { home, trainer: {} });
    expect(again.code).toBe(0);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
  });

  it('and says infeasible gives a result that is not tried again; out of memory is, once', async () => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const result = await runKinetune(['train', study, '--json', '--slots', '1'], {
      home,
      trainer: {
        journal,
        infeasible: [
          { trial: 0, epoch: 2, code: 'diverged' },
          { trial: 1, epoch: 2, code: 'out-of-memory' },
          { trial: 2, attempt: 1, epoch: 2, code: 'out-of-memory' },
        ],
      },
    });
    expect(result.code).toBe(0);
    const findings = findingsOf(result.stdout);
    expect(findings.trials).toMatchObject({ COMPLETED: 2, INFEASIBLE: 2 });
    expect(findings.infeasible).toEqual([
      { trial: 0, code: 'diverged', reason: 'made up: diverged' },
      { trial: 1, code: 'out-of-memory', reason: 'out of memory twice: made up: out-of-memory' },
    ]);
    const attempts = (trial: number): number =>
      Math.max(
        ...journalOf(journal)
          .filter((one) => one.trial === trial)
          .map(({ attempt }) => attempt),
      );
    expect([attempts(0), attempts(2)]).toEqual([1, 2]);
  });
});

describe('killing and continuing', () => {
  it('kill -9 of the command loses no finished epoch, leaves no trainer, and the next start ends with the same result', async () => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const trainer: FakeBehaviour = { epochMs: 120, journal };
    const first = startKinetune(['train', study, '--slots', '2'], { home, trainer });
    await first.until(/trial [01]: epoch 3\/5/);
    first.kill('SIGKILL');
    expect((await first.result).signal).toBe('SIGKILL');
    const left = new Set(journalOf(journal).map(({ pid }) => pid));
    const second = await runKinetune(['train', study, '--slots', '2'], { home, trainer });
    expect(second.code).toBe(0);
    expect([...left].filter(isAlive)).toEqual([]);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
    const epochs = journalOf(journal).map(({ trial, epoch }) => `${trial}/${epoch}`);
    expect(new Set(epochs).size).toBe(epochs.length);
  });

  it('kill -9 of the command and its trainers together does not matter either', async () => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const trainer: FakeBehaviour = { epochMs: 120, journal };
    const first = startKinetune(['train', study, '--slots', '2'], { home, trainer });
    await first.until(/trial [01]: epoch 3\/5/);
    for (const pid of new Set(journalOf(journal).map((entry) => entry.pid))) process.kill(pid, 'SIGKILL');
    first.kill('SIGKILL');
    await first.result;
    await runKinetune(['train', study, '--slots', '2'], { home, trainer });
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s stops cleanly with exit code %i, says how to continue, and loses nothing', async (signal, code) => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const trainer: FakeBehaviour = { epochMs: 120, journal };
    const first = startKinetune(['train', study, '--slots', '2'], { home, trainer });
    await first.until(/trial [01]: epoch 3\/5/);
    first.kill(signal);
    // Nx passes the terminal's signal on to a child that has had it already.
    first.kill(signal);
    const stopped = await first.result;
    expect(stopped.code).toBe(code);
    expect(stopped.stderr).toContain(`Go on with: npx kinetune train ${study}`);
    expect(
      journalOf(journal)
        .map(({ pid }) => pid)
        .filter(isAlive),
    ).toEqual([]);
    const second = await runKinetune(['train', study, '--slots', '2'], { home, trainer });
    expect(second.code).toBe(0);
    expect(await studyResults(home, 'small')).toEqual(undisturbed);
    const epochs = journalOf(journal).map(({ trial, epoch }) => `${trial}/${epoch}`);
    expect(new Set(epochs).size).toBe(epochs.length);
  });

  it('a second SIGINT ends at once a trainer that does not heed the first', async () => {
    const home = homes.create();
    const first = startKinetune(['train', study, '--slots', '1'], {
      home,
      trainer: { epochs: 1000, epochMs: 100, ignoresStop: true },
    });
    await first.until(/trial 0 starts/);
    first.kill('SIGINT');
    await first.until(/stopping: waiting for 1 trial/);
    await new Promise((resolve) => setTimeout(resolve, 400));
    first.kill('SIGINT');
    expect((await first.result).code).toBe(130);
  });

  it('a study that is complete is shown again and not run again; --trials extends it; --fresh starts another', async () => {
    const home = homes.create();
    const journal = join(home, 'journal');
    const options = { home, trainer: { journal } };
    await runKinetune(['train', study, '--slots', '1'], options);
    const before = journalOf(journal).length;
    const again = await runKinetune(['train', study], options);
    expect(again.stderr).toContain('small is complete');
    expect(again.stdout).toContain('Best trials by validationMacroF1');
    expect(journalOf(journal)).toHaveLength(before);

    const extended = await runKinetune(['train', study, '--trials', '6', '--json'], options);
    expect(extended.stderr).toContain('extended from 4 to 6 trials');
    expect(findingsOf(extended.stdout).trials.COMPLETED).toBe(6);
    expect(journalOf(journal)).toHaveLength((before * 6) / 4);
    // The file still says four: that does not cut what was asked for since.
    expect(findingsOf((await runKinetune(['train', study, '--json'], options)).stdout).study.budgetTrials).toBe(6);

    const fresh = await runKinetune(['train', study, '--fresh', '--json'], options);
    expect(findingsOf(fresh.stdout).study.name).toBe('small.2');
  });

  it('anything else that changed makes another study and is named', async () => {
    const home = homes.create();
    const options = { home, trainer: {} };
    const folder = join(homes.folder, 'changed');
    await runKinetune(['train', writeSmallStudy(folder)], options);
    const changed = await runKinetune(
      ['train', writeSmallStudy(folder, { learningRateMaximum: 0.01 }), '--seed', '8'],
      options,
    );
    expect(changed.stderr).toContain('started as small.2');
    expect(changed.stderr).toContain(
      'space.learningRate: 0.0003 to 0.03, log (nuisance) -> 0.0003 to 0.01, log (nuisance)',
    );
    expect(changed.stderr).toContain('seed: 7 -> 8');
    const back = await runKinetune(['train', writeSmallStudy(folder)], options);
    expect(back.stderr).toContain('small is complete');
  });

  it('of two starts on one home the second ends with exit code 3 and says who holds it', async () => {
    const home = homes.create();
    const first = startKinetune(['train', study, '--slots', '1'], { home, trainer: { epochs: 500, epochMs: 50 } });
    await first.until(/trial 0 starts/);
    const second = await runKinetune(['train', study, '--json'], { home, trainer: {} });
    first.kill('SIGINT');
    await first.result;
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`process ${first.pid} `);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'storage-locked', exitCode: 3 } });
  });

  it('a control with shuffled labels is a study of its own name', async () => {
    const home = homes.create();
    const result = await runKinetune(['train', study, '--shuffle-labels', '--json'], { home, trainer: {} });
    const findings = findingsOf(result.stdout);
    expect(findings.study).toMatchObject({ name: 'small-shuffled-labels', isControl: true });
    expect(findings.notEstablished[0]).toContain('control');
  });
});

describe('what a person gets wrong', () => {
  const options = () => ({ home: join(homes.folder, 'never-made'), trainer: {} });
  it('ends with exit code 2 and a message that helps, before anything is written', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['train', '--trails', '3'], /Did you mean --trials/],
      [['trian'], /Did you mean train/],
      [['train', '--slots', '0'], /Expected a whole number from 1 to 1024, got "0"/],
      [['train', 'studies/no-such-study.yaml'], /expected a study file, but .*no-such-study\.yaml does not exist/],
      [['data', 'fetch', 'hpat'], /expected one of watch, hapt.*Did you mean hapt/],
      [['data', 'inspect', '/nowhere'], /found nothing at \/nowhere/],
    ];
    for (const [args, message] of wrong) {
      const result = await runKinetune(args, options());
      expect(result.code, args.join(' ')).toBe(2);
      expect(result.stderr).toMatch(message);
      expect(result.stdout).toBe('');
    }
    expect(existsSync(options().home)).toBe(false);
  });

  it('a study file with an unknown hyperparameter names the line and the nearest one', async () => {
    const file = join(homes.folder, 'wrong.yaml');
    writeFileSync(file, readFileSync(study, 'utf8').replace('dropout:', 'droput:'));
    const result = await runKinetune(['study', 'check', file], options());
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(
      /wrong\.yaml:12: space\.droput: cnn1d has no hyperparameter droput\. Did you mean dropout\?/,
    );
  });

  it('every command has help with exit code 0', async () => {
    for (const args of [[], ['train'], ['data'], ['data', 'inspect'], ['study'], ['study', 'show']]) {
      const result = await runKinetune([...args, '--help'], options());
      expect(result.code).toBe(0);
      expect(result.stdout).toMatch(/^Usage: kinetune/);
    }
  });
});

describe('kinetune study and data', () => {
  it('list and show what is in the home', async () => {
    const home = homes.create();
    await runKinetune(['train', study], { home, trainer: {} });
    const list = await runKinetune(['study', 'list', '--json'], { home, trainer: {} });
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'small', state: 'COMPLETED', budgetTrials: 4 }]);
    const show = await runKinetune(['study', 'show', 'small', '--json'], { home, trainer: {} });
    const findings = findingsOf(show.stdout);
    expect(findings.trials.COMPLETED).toBe(4);
    expect(findings.baselines).toHaveLength(2);
    const wrong = await runKinetune(['study', 'show', 'smal'], { home, trainer: {} });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Did you mean small?');
  });

  it('inspect an import: people, classes, channels, a split and its audit', async () => {
    const result = await runKinetune(
      ['data', 'inspect', join(homes.folder, 'study', 'recordings.csv'), '--window', '32', '--step', '16', '--json'],
      { home: homes.create(), trainer: {} },
    );
    expect(result.code).toBe(0);
    const inspection = JSON.parse(result.stdout) as Record<string, unknown>;
    expect(inspection).toMatchObject({ kind: 'csv', recordings: 6, sampleRateHz: 20 });
    expect(inspection.classes).toEqual([
      { name: 'run', windows: 6 * 19 },
      { name: 'sit', windows: 6 * 19 },
      { name: 'walk', windows: 6 * 19 },
    ]);
  });

  it('keeps the log of each trial, what the trainer said included', async () => {
    const home = homes.create();
    await runKinetune(['train', study], { home, trainer: {} });
    expect(readdirSync(join(home, 'logs/small'))).toHaveLength(4);
    expect(readFileSync(join(home, 'logs/small/trial-0000.log'), 'utf8')).toContain(
      'a word on stdout, which is the log',
    );
  });
});
