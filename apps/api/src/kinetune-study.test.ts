/** `kinetune study` from outside: what people do with a study that has run, on the fake trainer. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStudyByName, listConfigurations, listTrials, openStorage } from '@kinetune/storage';
import { resolveValues } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKinetune, type KinetuneResult } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy } from './testing/small-study.ts';

/** The good region, a tenth of them, holds five. */
const TRIALS = 45;

let homes: PreparedHomes;
let file: string;
/** Holds the study `small`, whose best rates lie well inside its range. */
let home: string;

beforeAll(async () => {
  homes = await prepareHomes();
  file = writeSmallStudy(join(homes.folder, 'study'), { trials: TRIALS, learningRateMaximum: 0.3 });
  home = homes.create();
  const trained = await runKinetune(['train', file, '--slots', '2', '-q'], { home, trainer: {} });
  expect(trained.code, trained.stderr).toBe(0);
}, 300_000);
afterAll(() => homes[Symbol.dispose]());

const study = (...args: readonly string[]): Promise<KinetuneResult> =>
  runKinetune(['study', ...args], { home, trainer: {} });

/** What --json printed; fails with the command's own words where it failed. */
function parsed({ code, stdout, stderr }: KinetuneResult): Record<string, unknown> {
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function stored(name: string) {
  await using storage = await openStorage(home);
  const found = await findStudyByName(storage.db, name);
  if (found === undefined) throw new Error(`no study ${name}`);
  const [configurations, trials] = [
    await listConfigurations(storage.db, found.id),
    await listTrials(storage.db, found.id),
  ];
  return { study: found, configurations, trials };
}

describe('kinetune study', { timeout: 300_000 }, () => {
  it('refine writes a study that exploits the refined space, and train runs it from what is known', async () => {
    const output = join(homes.folder, 'exploit.yaml');
    const refined = await study('refine', 'small', '--output', output, '--trials', '3');
    expect(refined.code, refined.stderr).toBe(0);
    expect(readFileSync(output, 'utf8')).toMatch(/^# What small found worth exploiting: boundaries hold/);
    expect(await study('refine', 'small', '--output', output)).toMatchObject({ code: 2 });
    const trained = await runKinetune(['train', output, '-q'], { home, trainer: {} });
    expect(trained.code, trained.stderr).toBe(0);
    const { study: exploit, trials } = await stored('small-exploit');
    expect(exploit).toMatchObject({ phase: 'exploit', from: 'small', state: 'COMPLETED' });
    expect(trials).toHaveLength(3);
    const { space } = (await stored('small')).study;
    const rate = (one: typeof space) => one.hyperparameters.find(({ name }) => name === 'learningRate')?.domain;
    const [wide, narrow] = [rate(space), rate(exploit.space)] as { minimum: number; maximum: number }[];
    expect(narrow?.minimum).toBeGreaterThan(wide?.minimum as number);
    expect(narrow?.maximum).toBeLessThan(wide?.maximum as number);
  });

  it('replicate queues trials of the best configuration with seeds of their own, and train runs them', async () => {
    const queued = parsed(await study('replicate', 'small', '--seeds', '2', '--json'));
    expect(queued).toMatchObject({ study: 'small', queued: 2, folds: [0] });
    const before = await stored('small');
    const best = before.configurations.reduce((a, b) => ((b.objective ?? 0) > (a.objective ?? 0) ? b : a));
    expect(queued['trial']).toBe(best.number);
    expect(before.study.state).toBe('RUNNING');
    const trained = await runKinetune(['train', file, '-q'], { home, trainer: {} });
    expect(trained.code, trained.stderr).toBe(0);
    const own = (await stored('small')).trials.filter(({ number }) => number === best.number);
    expect(own.map(({ state, replicate }) => [state, replicate])).toEqual([0, 1, 2].map((k) => ['COMPLETED', k]));
    expect(new Set(own.map(({ seed }) => seed)).size).toBe(3);
    expect(await study('replicate', 'small', '--trial', '99')).toMatchObject({ code: 2 });
  });

  it('replay says what a pruner would have saved and lost, and refuses options that it does not have', async () => {
    const found = parsed(await study('replay', 'small', '--pruner', 'percentile', '--option', 'warmup=2', '--json'));
    expect(found).toMatchObject({ settings: { kind: 'percentile', warmup: 2 }, verdict: 'saves' });
    const stops = found['stops'] as { at: number }[];
    expect(stops.length).toBeGreaterThan(0);
    for (const { at } of stops) expect(at).toBeGreaterThanOrEqual(2);
    const refused = await study('replay', 'small', '--pruner', 'percentile', '--option', 'grace=2');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('percentile has no option grace') });
  });

  it('conclude waits until each open question is answered or passed over with a reason', async () => {
    const locked = await study('conclude', 'small', 'rates near 0.003 are best', '--json');
    expect(locked.code).toBe(2);
    expect(JSON.parse(locked.stdout)).toMatchObject({ error: { code: 'conclusion-locked' } });
    expect(await study('override', 'small', '--question', 'curve', '--reason', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean curves?'),
    });
    expect(await study('override', 'small', '--question', 'curves', '--reason', ' ')).toMatchObject({ code: 2 });
    let open = ['curves'];
    while (open.length > 0) {
      const overridden = parsed(
        await study(
          'override',
          'small',
          '--question',
          open[0] as string,
          '--reason',
          'a test',
          '--by',
          'ada',
          '--json',
        ),
      );
      open = overridden['lockedBy'] as string[];
    }
    expect(parsed(await study('conclude', 'small', 'rates near 0.003 are best', '--json'))).toMatchObject({
      conclusion: 'rates near 0.003 are best',
    });
    const { study: concluded } = await stored('small');
    expect(concluded.conclusion).toBe('rates near 0.003 are best');
    expect(concluded.overrides).toContainEqual({
      question: 'curves',
      reason: 'a test',
      by: 'ada',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('widen goes on with the same study in a wider space, also by the file that it began with', async () => {
    expect(await study('widen', 'small', '--hyperparameter', 'dropot=0..0.6')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean dropout?'),
    });
    for (const [domain, message] of [
      ['dropout=0.1..0.6', 'expected all of 0 to 0.5 and more'],
      ['dropout=0..7', 'it must be a number from 0 to 0.95, got 7'],
      ['learningRate=0..1', 'expected a range like 0.0003..0.3 above 0'],
    ] as const) {
      const refused = await study('widen', 'small', '--hyperparameter', domain);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    }
    const before = await stored('small');
    const widened = parsed(await study('widen', 'small', '--hyperparameter', 'dropout=0..0.6', '--json'));
    expect(widened).toMatchObject({ firstConfiguration: TRIALS, isBudgetSpent: true, space: { version: 2 } });
    const trained = await runKinetune(['train', file, '--trials', String(TRIALS + 3), '-q'], { home, trainer: {} });
    expect(trained.code, trained.stderr).toBe(0);
    const { study: after, configurations } = await stored('small');
    expect(after.id).toBe(before.study.id);
    expect(configurations.map(({ spaceVersion }) => spaceVersion)).toEqual([
      ...Array(TRIALS).fill(1),
      ...Array(3).fill(2),
    ]);
    expect(configurations.slice(0, TRIALS)).toEqual(before.configurations);
  });

  it('refine is refused while the best lies at an edge, with the failing check, unless there is a reason', async () => {
    const narrow = writeSmallStudy(join(homes.folder, 'narrow'), {
      name: 'narrow',
      trials: 20,
      learningRateMaximum: 0.001,
    });
    expect(await runKinetune(['train', narrow, '-q'], { home, trainer: {} })).toMatchObject({ code: 0 });
    const refused = await study('refine', 'narrow', '--json');
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'refine-refused' } });
    expect(refused.stderr).toMatch(/narrow is not ready to be exploited \(boundary-open\): .*learningRate/);
    const overridden = await study('refine', 'narrow', '--override', 'time is short');
    expect(overridden.code, overridden.stderr).toBe(0);
    expect(overridden.stdout).toContain('for this reason: time is short');
    expect(overridden.stdout).toContain(
      'learningRate: { type: float, minimum: 0.0003, maximum: 0.001, scale: log, role: nuisance }',
    );
  });

  it('check shows the studies of a group, which have the same configurations but for the choice', async () => {
    const group = join(homes.folder, 'group.yaml');
    const choice = '  schedule: { type: categorical, choices: [constant, cosine] }\n';
    const text = readFileSync(file, 'utf8')
      .replace('fixed:\n', `${choice}fixed:\n`)
      .replace('name: small', 'name: group');
    writeFileSync(group, `${text.replace(`trials: ${TRIALS}`, 'trials: 4')}studyGroup: schedule\n`);
    const found = parsed(await study('check', group, '--json'));
    const members = found['studies'] as { study: { name: string; seed: number } }[];
    expect(members.map(({ study: { name, seed } }) => [name, seed])).toEqual([
      ['group.constant', 7],
      ['group.cosine', 7],
    ]);
    const trained = await runKinetune(['train', group, '-q'], { home, trainer: {} });
    expect(trained.code, trained.stderr).toBe(0);
    const [constant, cosine] = [await stored('group.constant'), await stored('group.cosine')];
    expect(constant.configurations).toHaveLength(4);
    const resolved = ({ study: { space }, configurations }: Awaited<ReturnType<typeof stored>>) =>
      configurations.map(({ values }) => resolveValues(space, values));
    expect(resolved(cosine)).toEqual(resolved(constant).map((values) => ({ ...values, schedule: 'cosine' })));
    expect(cosine.trials.map(({ seed }) => seed)).toEqual(constant.trials.map(({ seed }) => seed));
  });

  it('check refuses constraints that let nothing through, and says how many cannot be built', async () => {
    const text = readFileSync(file, 'utf8').replace('  channels: { value: 8, reason: fast }\n', '');
    const wide = '  kernelSize: { type: int, minimum: 3, maximum: 31 }\n';
    const constrained = join(homes.folder, 'constrained.yaml');
    const write = (constraint: string, labels = ''): void =>
      writeFileSync(
        constrained,
        `${text.replace('fixed:\n', wide).replace('csv: {', `csv: { ${labels}`)}constraints: ['${constraint}']\n`,
      );
    write('kernelSize > 40');
    expect(await study('check', constrained)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none of 2000 draws from the space satisfies `kernelSize > 40`/),
    });
    write('kernelSize % 2 == 1', 'labels: [sit, walk, run], ');
    const { draws } = parsed(await study('check', constrained, '--json')) as { draws: Record<string, number> };
    expect(draws['accepted']).toBeGreaterThan(900);
    expect(draws['accepted']).toBeLessThan(1200);
    expect(draws['unbuildable']).toBeGreaterThan(500);
    expect(draws['suggestedConstraint']).toBe('padding == "same" || layerCount * (kernelSize - 1) < windowLength');
    expect(existsSync(join(home, 'windows'))).toBe(true);
  });
});
