/** A study's search from inside: what it proposes, stops, repeats and keeps, with the fake trainer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSampler, type SamplerContext } from '@kinetune/search';
import { eventsAfter, listConfigurations, listTrials, readCurves, type Trial } from '@kinetune/storage';
import { deriveSeed, type SamplerSettings } from '@kinetune/study';
import { historyAt } from '../testing/history-at.ts';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { studyHere, type StudyHere } from '../testing/study-here.ts';

let homes: PreparedHomes;
beforeAll(async () => {
  homes = await prepareHomes();
});
afterAll(() => {
  vi.unstubAllEnvs();
  homes[Symbol.dispose]();
});

const SPACE = `space:
  learningRate: { type: float, minimum: 0.0003, maximum: 0.03, scale: log }
  dropout: { type: float, minimum: 0, maximum: 0.5 }
seed: 7`;

async function trialsOf({ db, study }: StudyHere): Promise<readonly Trial[]> {
  return listTrials(db, (await study()).id);
}

describe('proposals', () => {
  it('of an adaptive sampler come again from the history that their note names', async () => {
    await using here = await studyHere(
      homes.create(),
      `${SPACE}\nphase: exploit\nsampler: { kind: gp, startupTrials: 3 }\nbudget: { trials: 7 }`,
    );
    await here.run({ slots: 2, trainer: { epochMs: 15 } });
    const { db } = here;
    const study = await here.study();
    const events = await eventsAfter(db, study.id, { sequence: 0 });
    const trials = await trialsOf(here);
    const modelled = (await listConfigurations(db, study.id)).filter(({ samplerNote }) => samplerNote.sampler === 'gp');
    expect(modelled.length).toBeGreaterThanOrEqual(3);
    for (const { number, values, samplerNote } of modelled) {
      const { sequence, settings, context, engineVersion } = samplerNote;
      const sampler = createSampler(settings as SamplerSettings, context as SamplerContext);
      const { space, seed, objective } = study;
      const history = historyAt({ events, trials, sequence: sequence as number });
      expect(history.observed.length + history.pending.length).toBeGreaterThanOrEqual(3);
      const again = sampler({ space, seed, index: number, direction: objective.direction, history });
      expect(again).toMatchObject({ values, engine: 'gp', engineVersion });
    }
  });

  it('take no time from trainers: measurements arrive while a sampler is busy', async () => {
    const home = homes.create();
    await using here = await studyHere(home, `${SPACE}\nbudget: { trials: 2 }`);
    const until = join(home, 'enough');
    vi.stubEnv('SAMPLER_UNTIL', until);
    let measured = 0;
    // The second of two slots asks while the first trains; the sampler answers only once the first has measured.
    const { events } = await here.run({
      slots: 2,
      trainer: { epochs: 4, epochMs: 100 },
      samplerProgram: pathToFileURL(join(import.meta.dirname, '../testing/blocking-sampler.ts')),
      onEvent({ type }) {
        if (type === 'trial-measured' && ++measured === 3) writeFileSync(until, '');
      },
    });
    const started = events.findIndex((event) => event.type === 'trial-started' && event.trial === '1');
    expect(events.slice(0, started).filter(({ type }) => type === 'trial-measured').length).toBeGreaterThanOrEqual(3);
    expect((await trialsOf(here)).map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED']);
  });

  it('satisfy the constraints, which may be about the model', async () => {
    await using here = await studyHere(
      homes.create(),
      `space:
  learningRate: { type: float, minimum: 0.0003, maximum: 0.03, scale: log }
  channels: { type: int, minimum: 4, maximum: 64 }
constraints: ['weightCount <= 3000', 'channels % 2 == 0']
phase: exploit
sampler: { kind: tpe, startupTrials: 3 }
budget: { trials: 6 }`,
    );
    await here.run({ slots: 2 });
    const channels = (await trialsOf(here)).map(({ values }) => Number(values.channels));
    expect(channels).toHaveLength(6);
    for (const value of channels) expect(value % 2).toBe(0);
    expect(Math.max(...channels)).toBeLessThan(40);
  });

  it('end when a finite space is used up', async () => {
    await using here = await studyHere(
      homes.create(),
      `space:
  dropout: { type: categorical, choices: [0, 0.2, 0.4] }
budget: { trials: 9 }`,
    );
    const { isSpaceUsedUp } = await here.run({ slots: 2 });
    expect(isSpaceUsedUp).toBe(true);
    expect((await trialsOf(here)).map(({ values }) => values.dropout).toSorted()).toEqual([0, 0.2, 0.4]);
  });
});

describe('configurations of several trials', () => {
  it('have each seed on each fold, by name, and the mean as objective', async () => {
    await using here = await studyHere(homes.create(), `${SPACE}\nbudget: { trials: 2 }\nreplicates: 2\nfolds: [0, 2]`);
    const { events } = await here.run({ slots: 2 });
    const trials = await trialsOf(here);
    expect(trials.map(({ number, seed, fold }) => [number, seed, fold])).toEqual(
      [0, 1].flatMap((number) =>
        [0, 1].flatMap((replicate) => [0, 2].map((fold) => [number, deriveSeed(7, 'trial', number, replicate), fold])),
      ),
    );
    const names = events.flatMap((event) => (event.type === 'trial-started' ? [event.trial] : []));
    expect(names).toContain('1 (seed 1, fold 2)');
    expect(new Set(names).size).toBe(8);
    const [first] = await listConfigurations(here.db, (await here.study()).id);
    const values = trials.filter(({ number }) => number === 0).map(({ bestValue }) => bestValue as number);
    expect(first?.objective).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 4, 12);
    const told = events.flatMap((event) =>
      event.type === 'trial-ended' && event.configuration === 0 && event.objective !== null ? [event.objective] : [],
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toBeCloseTo(first?.objective as number, 12);
  });
});

const PRUNED = `${SPACE}
phase: exploit
sampler: halton
pruner: { kind: percentile, startupTrials: 2, warmup: 1 }
budget: { trials: 8 }`;

describe('pruning', { timeout: 180_000 }, () => {
  it('stops the worse half early, says why, and keeps what was measured', async () => {
    await using here = await studyHere(homes.create(), PRUNED);
    const { events } = await here.run({ trainer: { epochs: 12, epochMs: 100 } });
    const trials = await trialsOf(here);
    const pruned = trials.filter(({ state }) => state === 'PRUNED');
    expect(pruned.length).toBeGreaterThanOrEqual(2);
    expect(trials.filter(({ state }) => state === 'COMPLETED').length).toBeGreaterThanOrEqual(3);
    for (const { reason, reasonCode, lastStep, totalSteps, bestValue, diagnosis } of pruned) {
      expect(reasonCode).toBe('pruned');
      expect(reason).toMatch(/at epoch \d .*validationMacroF1 .* median of \d completed trials/);
      expect(lastStep).toBeLessThan(totalSteps as number);
      expect(bestValue).not.toBeNull();
      expect(diagnosis).not.toBeNull();
    }
    const study = await here.study();
    const curves = await readCurves(here.db, study.id, {
      trialIds: pruned.map(({ id }) => id),
      metrics: ['validationMacroF1'],
    });
    expect(curves.map(({ steps }) => steps.at(-1))).toEqual(pruned.map(({ lastStep }) => lastStep));
    const told = events.flatMap((event) =>
      event.type === 'trial-ended' && event.state === 'PRUNED' ? [[Number(event.trial), event.reason]] : [],
    );
    expect(told).toEqual(pruned.map(({ number, reason }) => [number, reason]));
  });

  it('ends the trial although its trainer dies of the stop, and although the study is stopped meanwhile', async () => {
    await using here = await studyHere(homes.create(), PRUNED);
    const stop = new AbortController();
    const trainer = { epochs: 12, epochMs: 100, journal: join(homes.folder, 'pruned-journal'), stopMs: 200 };
    await here.run({
      trainer,
      stop: stop.signal,
      onEvent(event) {
        if (event.type === 'trial-ended' && event.state === 'PRUNED') stop.abort();
      },
    });
    const trials = await trialsOf(here);
    expect(trials.filter(({ state }) => state === 'PRUNED')).toHaveLength(1);
    expect(trials.filter(({ state }) => state === 'RUNNING')).toEqual([]);
  });

  it('of one trial spares its configuration the others that have not begun', async () => {
    await using here = await studyHere(homes.create(), `${PRUNED}\nreplicates: 2`);
    await here.run({ trainer: { epochs: 12, epochMs: 100 } });
    const trials = await trialsOf(here);
    const spared = trials.filter(({ state }) => state === 'CANCELLED');
    expect(spared.length).toBeGreaterThanOrEqual(1);
    for (const { number, reason, lastStep } of spared) {
      expect(reason).toMatch(new RegExp(`^trial ${number} \\(seed 0\\) of its configuration was pruned: `));
      expect(lastStep).toBeNull();
    }
  });
});
