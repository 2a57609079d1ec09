/** How a study is searched, from outside: phases, pruning, groups, earlier studies, kills at the wrong moment. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findStudyByName, listConfigurations, listTrials, openStorage } from '@kinetune/storage';
import type { Findings } from './findings/findings.ts';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy, type SmallStudyOptions } from './testing/small-study.ts';
import { studyResults } from './testing/study-results.ts';

let homes: PreparedHomes;
beforeAll(async () => {
  homes = await prepareHomes();
});
afterAll(() => homes[Symbol.dispose]());

const studyFile = (name: string, options: SmallStudyOptions): string =>
  writeSmallStudy(join(homes.folder, name), { name, ...options });

async function stored(home: string, name: string) {
  await using storage = await openStorage(home);
  const study = await findStudyByName(storage.db, name);
  if (study === undefined) throw new Error(`no study ${name} in ${home}`);
  const [trials, configurations] = [
    await listTrials(storage.db, study.id),
    await listConfigurations(storage.db, study.id),
  ];
  return { study, trials, configurations };
}

const linesOf = (journal: string): string[] =>
  existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : [];

const PRUNED = 'phase: exploit\nsampler: halton\npruner: { kind: percentile, startupTrials: 2, warmup: 1 }\n';

describe('a pruned trial', { timeout: 180_000 }, () => {
  it('of a command that is killed before the trial has ended is pruned at the next start, without another epoch', async () => {
    const study = studyFile('killed', { trials: 5, search: PRUNED });
    const trainer = { epochs: 12, epochMs: 100 };
    const whole = homes.create();
    await runKinetune(['train', study, '--slots', '1'], { home: whole, trainer });
    const { trials } = await stored(whole, 'killed');
    expect(trials.filter(({ state }) => state === 'PRUNED').length).toBeGreaterThanOrEqual(1);

    const broken = homes.create();
    const journal = join(broken, 'journal');
    // A trainer that has been told to stop, and takes its time: the decision is taken, and not yet written.
    const first = startKinetune(['train', study, '--slots', '1'], {
      home: broken,
      trainer: { ...trainer, journal, stopMs: 600_000 },
    });
    while (!linesOf(journal).some((line) => line.split(' ')[2] === '0')) await new Promise((go) => setTimeout(go, 50));
    first.kill('SIGKILL');
    await first.result;
    const second = await runKinetune(['train', study, '--slots', '1'], {
      home: broken,
      trainer: { ...trainer, journal },
    });
    expect(second.code).toBe(0);
    const statesOf = async (home: string) => (await stored(home, 'killed')).trials.map(({ state }) => state);
    expect(await statesOf(broken)).toEqual(await statesOf(whole));
    const epochs = linesOf(journal)
      .map((line) => line.split(' '))
      .filter(([, , epoch]) => epoch !== '0')
      .map(([trial, , epoch]) => `${trial}/${epoch}`);
    expect(new Set(epochs).size).toBe(epochs.length);
    expect((await stored(broken, 'killed')).trials.every(({ diagnosis }) => diagnosis !== null)).toBe(true);
  });
});

const TWO_PHASES = `exploit: { trials: 4, sampler: { kind: gp, startupTrials: 4 } }
thresholds: { goodRegion: { topShare: 0.4, fewestGood: 3 }, boundaries: { crowdP: 0.0000001, near: 0.01 } }
`;

describe('a second phase', { timeout: 240_000 }, () => {
  it('begins in a refined space when the checks pass, and is the same after kill -9 in it', async () => {
    const study = studyFile('phases', { trials: 12, search: TWO_PHASES });
    const whole = homes.create();
    const result = await runKinetune(['train', study, '--slots', '1', '--json'], {
      home: whole,
      trainer: { epochMs: 20 },
    });
    expect(result.stderr).toMatch(/The second phase begins: boundaries hold/);
    expect(result.code).toBe(0);
    const { secondPhase } = (JSON.parse(result.stdout) as Findings).study;
    expect(secondPhase).toEqual({ trials: 4, hasBegun: true, refusal: null });
    const { study: kept, configurations } = await stored(whole, 'phases');
    expect(kept).toMatchObject({ state: 'COMPLETED', phase: 'exploit' });
    expect(kept.spaceVersions.map(({ phase, firstConfiguration }) => [phase, firstConfiguration])).toEqual([
      ['explore', 0],
      ['exploit', 12],
    ]);
    expect(configurations).toHaveLength(16);
    expect(configurations.map(({ spaceVersion }) => spaceVersion)).toEqual([...Array(12).fill(1), ...Array(4).fill(2)]);
    expect(configurations.slice(12).every(({ samplerNote }) => samplerNote.sampler === 'gp')).toBe(true);
    const broken = homes.create();
    const first = startKinetune(['train', study, '--slots', '1'], { home: broken, trainer: { epochMs: 150 } });
    await first.until(/trial 13: epoch 2/);
    first.kill('SIGKILL');
    await first.result;
    const second = await runKinetune(['train', study, '--slots', '1'], { home: broken, trainer: { epochMs: 20 } });
    expect(second.code).toBe(0);
    expect(await studyResults(broken, 'phases')).toEqual(await studyResults(whole, 'phases'));
    const again = await runKinetune(['train', study, '--json'], { home: broken, trainer: {} });
    expect(again.stderr).toContain('phases is complete');
    expect((JSON.parse(again.stdout) as Findings).study.state).toBe('COMPLETED');
  });

  it('is refused while the checks fail, says which and what to do, and begins for a stated reason', async () => {
    const home = homes.create();
    const refused = await runKinetune(
      ['train', studyFile('refused', { trials: 4, search: 'exploit: { trials: 2 }\n' }), '--json'],
      { home, trainer: {} },
    );
    expect(refused.code).toBe(0);
    const { secondPhase } = (JSON.parse(refused.stdout) as Findings).study;
    expect(secondPhase).toMatchObject({ trials: 2, hasBegun: false, refusal: expect.stringMatching(/at least 8/) });
    expect(refused.stderr).toMatch(
      /The second phase does not begin: .*at least 8 .*What to do: run 4 more trials.*exploit\.override/,
    );
    expect((await stored(home, 'refused')).study).toMatchObject({ state: 'COMPLETED', phase: 'explore' });
    const reason = 'only to see it run';
    const stated = await runKinetune(
      ['train', studyFile('refused', { trials: 4, search: `exploit: { trials: 2, override: ${reason} }\n` })],
      { home, trainer: {} },
    );
    expect(stated.stderr).toContain(`The reason given: ${reason}`);
    const { study, configurations } = await stored(home, 'refused');
    expect(study).toMatchObject({ state: 'COMPLETED', phase: 'exploit', exploit: { override: reason } });
    const values = configurations.map((one) => JSON.stringify(one.values));
    expect(values).toHaveLength(6);
    expect(new Set(values).size).toBe(6);
  });
});

describe('a study that starts from another', { timeout: 180_000 }, () => {
  it('asks its model at once, and is refused where results of the other mean something else', async () => {
    const home = homes.create();
    await runKinetune(['train', studyFile('first', { trials: 6 })], { home, trainer: {} });
    const search = 'phase: exploit\nfrom: first\nsampler: { kind: gp, startupTrials: 4 }\n';
    const next = await runKinetune(['train', studyFile('next', { trials: 2, search })], { home, trainer: {} });
    expect(next.code).toBe(0);
    const { configurations } = await stored(home, 'next');
    expect(configurations.map(({ samplerNote }) => samplerNote.sampler)).toEqual(['gp', 'gp']);
    const other = await runKinetune(['train', studyFile('other', { trials: 2, search, folds: 6 })], {
      home,
      trainer: {},
    });
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/from: the results of first say nothing of other, since they differ in data\.split: /);
    const wrong = search.replace('from: first', 'from: frist');
    const unknown = await runKinetune(['train', studyFile('unknown', { search: wrong })], { home, trainer: {} });
    expect(unknown.stderr).toMatch(/from: expected the name of a study that has run, got frist\. Did you mean first\?/);
  });
});

describe('a space that is used up', () => {
  it('completes the study, which says so and is complete from then on', async () => {
    const home = homes.create();
    const study = studyFile('grid', { trials: 30, search: 'sampler: { kind: grid, levels: 2 }\n' });
    const first = await runKinetune(['train', study], { home, trainer: {} });
    expect(first.stderr).toContain('All 4 configurations of the space were tried; the budget of 30 is not needed.');
    expect(first.stdout).not.toContain('the search is not over');
    const second = await runKinetune(['train', study], { home, trainer: {} });
    expect(second.stderr).toContain('grid is complete');
    expect((await stored(home, 'grid')).trials).toHaveLength(4);
  });
});

describe('a study group', () => {
  it('runs its studies in turn and ends with a line of each and their comparison', async () => {
    const home = homes.create();
    const file = studyFile('decay', { trials: 3, search: 'studyGroup: schedule\n', isGrouped: true });
    const result = await runKinetune(['train', file], { home, trainer: {} });
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/^decay\.constant: 3 trials, best validationMacroF1 0\.\d{4} \(trial \d\)$/m);
    expect(result.stdout).toMatch(/^decay\.cosine: 3 trials, best validationMacroF1 0\.\d{4} \(trial \d\)$/m);
    expect(result.stdout).toContain('The same configuration with and without decay');
    const [constant, cosine] = [await stored(home, 'decay.constant'), await stored(home, 'decay.cosine')];
    const restOf = ({ values: { schedule: _, ...rest } }: (typeof constant.trials)[number]) => rest;
    expect(cosine.trials.map(restOf)).toEqual(constant.trials.map(restOf));
    expect(cosine.trials.map(({ seed }) => seed)).toEqual(constant.trials.map(({ seed }) => seed));
    const json = await runKinetune(['train', file, '--json'], { home, trainer: {} });
    const found = JSON.parse(json.stdout) as { group: object; studies: readonly Findings[] };
    expect(found.studies.map(({ study }) => study.name)).toEqual(['decay.constant', 'decay.cosine']);
  });
});
