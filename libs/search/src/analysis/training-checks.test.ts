import { readFileSync } from 'node:fs';
import { createRng, type Space, type TrialState, type Values } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { trialOf } from '../testing/trial-of.ts';
import { accidentalRegularisation } from './accidental-regularisation.ts';
import type { CurveFinding } from './checklist.ts';
import { computeBound } from './compute-bound.ts';
import { gradientClipping } from './gradient-clipping.ts';
import { instabilityRemedies, normPlacement } from './instability-remedies.ts';
import { lateNoise } from './late-noise.ts';
import { measuredCurve, type MeasuredCurve, type StoredEvaluation } from './measured-curve.ts';
import { pruningAdvice } from './pruning-advice.ts';
import { rerank, reranks } from './rerank.ts';
import { scheduleAdvice } from './schedule-advice.ts';
import { earlyProbe, stabilityLimit, stabilityProbe } from './stability-limit.ts';
import { fitLine } from './statistics/line-fit.ts';
import { mannWhitney } from './statistics/mann-whitney.ts';
import { tradeOff } from './study-trade-off.ts';
import { trainingStability } from './training-stability.ts';
import { weightedMetrics } from './weighted-metrics.ts';

interface Known {
  readonly mannWhitney: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly effect: number;
    readonly p: number;
  }[];
  readonly lines: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly slope: number;
    readonly pRising: number;
    readonly residualSd: number;
  }[];
}
const known = JSON.parse(
  readFileSync(new URL('../../fixtures/analysis-training.json', import.meta.url), 'utf8'),
) as Known;

const rate = { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' } as const;
const space = spaceOf({ learningRate: rate });
const objective = { metric: 'validationMacroF1', direction: 'maximise' } as const;

/** 40 measurements, a hundred steps apart; columns are functions of the part of training that is over. */
function curve(
  number: number,
  columns: Readonly<Record<string, (part: number, i: number) => number | null>>,
  state: TrialState = 'COMPLETED',
): MeasuredCurve {
  const at = Array.from({ length: 40 }, (_, i) => i);
  return {
    number,
    state,
    steps: at.map((i) => 100 * (i + 1)),
    epochs: at.map((i) => i + 1),
    totalSteps: 4000,
    values: Object.fromEntries(
      Object.entries(columns).map(([name, valueOf]) => [name, at.map((i) => valueOf((i + 1) / 40, i))]),
    ),
  };
}

const finding = (trial: number, label: string, isOptimisation = false): CurveFinding => ({
  trial,
  label,
  isOptimisation,
  status: label === 'healthy' ? 'pass' : 'caution',
  reason: label,
});

describe('statistics of training', () => {
  it('are those of scipy', () => {
    for (const { a, b, effect, p } of known.mannWhitney) {
      const found = mannWhitney(a, b);
      expect(found?.effect).toBeCloseTo(effect, 12);
      // The normal's tail is accurate to single precision's digits and more.
      expect((found?.p ?? 0) / p).toBeCloseTo(1, 6);
    }
    for (const { x, y, slope, pRising, residualSd } of known.lines) {
      const fit = fitLine(x, y);
      expect(fit?.slope).toBeCloseTo(slope, 12);
      expect(fit?.residualSd).toBeCloseTo(residualSd, 12);
      expect((fit?.pRising ?? 0) / pRising).toBeCloseTo(1, 9);
    }
    expect(mannWhitney([], [1])).toBeNull();
    expect(mannWhitney([1, 1], [1])).toEqual({ effect: 0, p: 1 });
  });

  it('are of columns that measurements make', () => {
    const made = measuredCurve({
      number: 3,
      state: 'COMPLETED',
      measurements: [
        { step: 10, epoch: 1, values: { a: 1 } },
        { step: 20, epoch: 2, values: { a: null, b: 2 } },
      ],
    });
    expect(made).toMatchObject({ steps: [10, 20], values: { a: [1, null], b: [null, 2] }, details: [null, null] });
  });
});

describe('overfitting over a study', () => {
  const trials = Array.from({ length: 30 }, (_, number) =>
    trialOf(number, { learningRate: 1e-4 * 1000 ** (number / 29) }, 0.5),
  );

  it('that goes with a large learning rate says what selection may be choosing', () => {
    const findings = trials.map(({ number }) => finding(number, number >= 18 ? 'overfitting' : 'healthy'));
    const check = accidentalRegularisation(space, trials, { direction: 'maximise', findings });
    expect(check).toMatchObject({ verdict: 'accidental', status: 'caution', next: { action: 'regularise' } });
    expect(check.numbers.associations[0]).toMatchObject({ name: 'learningRate', effect: 1 });
    expect(check.reason).toContain('large learningRate');
    expect(check.trials).toHaveLength(12);
  });

  it('that goes with nothing is named, none or a rare one passes, too few are not judged', () => {
    const spread = trials.map(({ number }) => finding(number, number % 3 === 0 ? 'overfitting' : 'healthy'));
    expect(accidentalRegularisation(space, trials, { direction: 'maximise', findings: spread }).verdict).toBe(
      'overfitting',
    );
    const of = (overfitting: readonly number[], count = 30) =>
      accidentalRegularisation(space, trials, {
        direction: 'maximise',
        findings: trials
          .slice(0, count)
          .map(({ number }) => finding(number, overfitting.includes(number) ? 'overfitting' : 'healthy')),
      }).verdict;
    expect(of([])).toBe('none');
    expect(of([15])).toBe('few');
    expect(of([], 5)).toBe('too-few');
  });

  it('adds no regularisation where that is the question', () => {
    const asked: Space = {
      ...space,
      hyperparameters: [{ name: 'learningRate', kind: 'regulariser', role: 'scientific', domain: rate }],
    };
    const findings = trials.map(({ number }) => finding(number, 'overfitting'));
    const check = accidentalRegularisation(asked, trials, { direction: 'maximise', findings });
    expect(check.next?.action).toBe('keep');
    expect(check.numbers.bestOfValues.some(({ isOverfitting }) => isOverfitting)).toBe(true);
  });

  it('cries wolf in a twentieth of the studies where overfitting goes with nothing', () => {
    let alarms = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng('no association', seed);
      const findings = trials.map(({ number }) => finding(number, rng.next() < 0.4 ? 'overfitting' : 'healthy'));
      if (accidentalRegularisation(space, trials, { direction: 'maximise', findings }).verdict === 'accidental')
        alarms += 1;
    }
    // 5 %; four standard errors above that.
    expect(alarms / 200).toBeLessThan(0.11);
  });
});

describe('late noise', () => {
  const noisy = (sd: number, lastRate = 0) =>
    [0, 1, 2].map((number) => {
      const rng = createRng('late', number);
      return curve(number, {
        validationMacroF1: (part) => 0.8 + 0.1 * part + sd * rng.normal(),
        learningRate: (part) => 1e-3 * (1 - (1 - lastRate) * part),
      });
    });
  const trials = [0.9, 0.89, 0.88].map((value, number) => trialOf(number, {}, value));

  it('below the gap of the best is quiet, above it the order is luck', () => {
    expect(lateNoise(trials, { ...objective, measured: noisy(0.001) })).toMatchObject({
      verdict: 'quiet',
      status: 'pass',
    });
    const loud = lateNoise(trials, { ...objective, measured: noisy(0.03) });
    expect(loud).toMatchObject({ verdict: 'noisier-than-gap', numbers: { gap: expect.closeTo(0.01, 9) as number } });
    expect(loud.numbers.lateSd).toBeGreaterThan(0.02);
    expect(loud.numbers.lateSd).toBeLessThan(0.045);
    expect(lateNoise(trials, { ...objective, measured: [] }).verdict).toBe('too-few');
  });

  it('names few windows first, then a rate that did not decay', () => {
    const measured = noisy(0.03, 0.9);
    const few = lateNoise(trials, { ...objective, measured, validationWindows: 90 });
    expect(few.numbers.binomialSd).toBeCloseTo(Math.sqrt((0.9 * 0.1) / 90), 12);
    expect(few.numbers.doWindowsResolveGap).toBe(false);
    expect(few.next?.text).toContain('windows');
    expect(lateNoise(trials, { ...objective, measured, validationWindows: 1e5 }).next?.domains).toHaveProperty(
      'schedule',
    );
    expect(lateNoise(trials, { ...objective, measured: noisy(0.03) }).next?.domains).toHaveProperty('averageWeights');
  });
});

describe('the length of training', () => {
  const trials = [0, 1, 2, 3].map((number) => trialOf(number, { learningRate: 1e-3 }, 0.9 - number / 100));
  const all = (columns: Parameters<typeof curve>[1]) => trials.map(({ number }) => curve(number, columns));

  it('is the limit where the best still improve, and is not where they have been as good for long', () => {
    const bound = computeBound(trials, {
      ...objective,
      measured: all({ validationMacroF1: (part) => part, trainLoss: (part) => 1 - part }),
    });
    expect(bound).toMatchObject({
      verdict: 'compute-bound',
      next: { action: 'train-longer', trainingSteps: 8000, trialCount: 3 },
    });
    expect(bound.numbers.trainLossFalling).toHaveLength(4);
    const saturated = computeBound(trials, {
      ...objective,
      measured: all({ validationMacroF1: (part) => Math.min(part, 0.25) }),
    });
    expect(saturated).toMatchObject({ verdict: 'saturated', next: { trainingSteps: 1250 } });
    const late = computeBound(trials, {
      ...objective,
      measured: all({ validationMacroF1: (part) => Math.min(part, 0.75) }),
    });
    expect(late.verdict).toBe('not-compute-bound');
    expect(computeBound(trials, { ...objective, measured: [] }).verdict).toBe('too-few');
  });
});

describe('stability', () => {
  const declining = (part: number) => 2 * Math.exp(-3 * part);
  const blowsUpAt = (from: number) => (part: number) => (part < from ? declining(part) : 3);

  it('is lost by a rise after a decline or a loss that is not finite, not by noise', () => {
    const rng = createRng('stable');
    expect(trainingStability(curve(0, { trainLoss: (part) => declining(part) + 0.02 * rng.normal() }))?.isStable).toBe(
      true,
    );
    expect(trainingStability(curve(0, { trainLoss: blowsUpAt(0.5) }))).toMatchObject({
      isStable: false,
      unstableStep: 2000,
    });
    expect(trainingStability(curve(0, { trainLoss: (part) => (part > 0.7 ? null : 1) }))?.isStable).toBe(false);
    expect(trainingStability(curve(0, {}))).toBeNull();
  });

  const bestAt = 1e-3;
  const sweep = [1e-4, 3e-4, bestAt, 2e-3, 4e-3, 8e-3].map((learningRate, number) =>
    trialOf(number, { learningRate }, learningRate === bestAt ? 0.9 : 0.8),
  );

  it('limits training where it breaks just above the best rate', () => {
    const measured = sweep.map(({ number }) => curve(number, { trainLoss: number > 2 ? blowsUpAt(0.5) : declining }));
    expect(stabilityLimit(sweep, { direction: 'maximise', measured })).toMatchObject({
      verdict: 'limited',
      numbers: { bestRate: bestAt, unstableAbove: [3, 4, 5], unstableUpTo: [] },
      next: { action: 'stabilise' },
    });
    const calm = sweep.map(({ number }) => curve(number, { trainLoss: declining }));
    expect(stabilityLimit(sweep, { direction: 'maximise', measured: calm }).verdict).toBe('not-limited');
    expect(stabilityLimit(sweep.slice(0, 3), { direction: 'maximise' })).toMatchObject({
      verdict: 'not-probed',
      next: { action: 'probe', trialCount: 5 },
    });
  });

  it('is probed at multiples of the best rate, or for 500 steps at twice it', () => {
    const best: Values = { 'optimizer=adam/learningRate': 0.002, dropout: 0.1 };
    expect(stabilityProbe(best).configurations?.map((values) => values['optimizer=adam/learningRate'])).toEqual([
      0.002, 0.003, 0.004, 0.01, 0.02,
    ]);
    expect(earlyProbe(best)).toMatchObject({ trainingSteps: 500, configurations: [{ dropout: 0.1 }] });
  });

  it('is restored in the order of the Playbook, warm-up first only where it is lost early', () => {
    const actions = (label: string) =>
      instabilityRemedies(space, { findings: [finding(1, label, true)] }).numbers.remedies.map(({ action }) => action);
    const rest = ['clip-gradients', 'change-optimizer', 'change-architecture', 'lower-learning-rate'];
    expect(actions('spikes-early')).toEqual(['warm-up', ...rest]);
    expect(actions('spikes-late')).toEqual(rest);
    const early = curve(2, { trainLoss: (_, i) => (i === 0 ? 1 : 2) });
    expect(instabilityRemedies(space, { measured: [early] })).toMatchObject({ verdict: 'early', trials: [2] });
    expect(instabilityRemedies(space, { measured: [curve(3, { trainLoss: blowsUpAt(0.5) })] }).verdict).toBe(
      'mid-training',
    );
    expect(instabilityRemedies(space, { findings: [finding(1, 'healthy')] }).verdict).toBe('stable');
    expect(instabilityRemedies(space, {}).verdict).toBe('not-known');
  });

  it('is harder with normalisation after the residual sum', () => {
    const held = (name: string, value: string | boolean): Space => ({
      ...space,
      fixed: [{ name, kind: 'architecture', value, reason: 'as published' }],
    });
    expect(normPlacement(held('normPlacement', 'post'))).toBe('post');
    expect(normPlacement(held('preNorm', true))).toBe('pre');
    expect(normPlacement(space)).toBe('not-stated');
  });
});

describe('gradient clipping', () => {
  /** Two epochs of sixteen parts whose norms lie evenly between 0 and 1, so that the mixture is a symmetric triangle. */
  const clipped = (number: number, clippedShare: number): MeasuredCurve => ({
    ...curve(number, {}),
    details: [0, 1].map(() => ({
      trainLoss: [],
      gradientNorm: Array.from({ length: 16 }, () => ({ minimum: 0, mean: 0.5, maximum: 1 })),
      clippedShare,
    })),
  });

  it('is proposed at the 90th percentile of the norm, and too much above half of the steps', () => {
    // 1 - 2 (1 - x)^2 = 0.9 of the triangle on [0, 1].
    expect(gradientClipping([clipped(0, 0)]).numbers.proposedClipNorm).toBeCloseTo(1 - Math.sqrt(0.05), 9);
    expect(gradientClipping([clipped(0, 0)]).verdict).toBe('not-clipped');
    expect(gradientClipping([clipped(0, 0.2)]).verdict).toBe('fine');
    expect(gradientClipping([clipped(0, 0.2), clipped(1, 0.6)])).toMatchObject({
      verdict: 'too-aggressive',
      trials: [1],
      next: { action: 'lower-learning-rate' },
    });
    expect(gradientClipping([curve(0, {})]).verdict).toBe('not-known');
  });
});

describe('metrics that weigh windows equally', () => {
  const evaluation = (trial: number, rest: Partial<StoredEvaluation> = {}): StoredEvaluation => ({
    trial,
    confusionMatrix: [
      [8, 2],
      [1, 9],
    ],
    perSubject: [{ subject: 'a', correct: 17, count: 20 }],
    values: { validationAccuracy: 0.85 },
    ...rest,
  });

  it('follow from the counts, people add up, and all trials have as many', () => {
    expect(weightedMetrics([evaluation(0), evaluation(1)])).toMatchObject({ verdict: 'consistent', trials: [0, 1] });
    expect(weightedMetrics([evaluation(0, { values: { validationAccuracy: 0.87 } })])).toMatchObject({
      verdict: 'mismatch',
      status: 'fail',
      numbers: { mismatches: [{ metric: 'validationAccuracy', counted: 0.85 }] },
    });
    const missing = [{ subject: 'a', correct: 17, count: 19 }];
    expect(weightedMetrics([evaluation(0, { perSubject: missing })])).toMatchObject({
      verdict: 'mismatch',
      trials: [0],
    });
    const padded = evaluation(1, {
      confusionMatrix: [
        [8, 2],
        [1, 10],
      ],
      perSubject: [],
      values: {},
    });
    expect(weightedMetrics([evaluation(0), padded]).verdict).toBe('different-windows');
    expect(weightedMetrics([]).status).toBe('not-known');
  });
});

describe('a study by another metric', () => {
  const best = [0.9, 0.8, 0.7, 0.6];
  const measured = best.map((value, number) =>
    curve(number, {
      validationMacroF1: (part) => (part < 1 ? value : number / 10),
      validationLoss: () => value,
    }),
  );

  it('keeps or turns its order', () => {
    expect(rerank(measured, { objective, by: objective, at: 'best' })).toMatchObject({
      verdict: 'same-best',
      numbers: { tau: 1, isBestSame: true },
    });
    // By the last step the order is turned round; by the loss, where less is better, too.
    expect(rerank(measured, { objective, by: objective, at: 'last' })).toMatchObject({
      verdict: 'other-order',
      trials: [3, 2, 1],
      numbers: { tau: -1, topKept: 2 },
    });
    const byLoss = { metric: 'validationLoss', direction: 'minimise' } as const;
    const adaptive = rerank(measured, { objective, by: byLoss, at: 'best', isAdaptive: true });
    expect(adaptive.numbers).toMatchObject({ tau: -1, isBiased: true });
    expect(adaptive.reason).toContain('biased');
  });

  it('looks at each metric that was measured, and at the last step', () => {
    const metrics = [
      { name: 'validationMacroF1', direction: 'maximise', split: 'validation' },
      { name: 'validationLoss', direction: 'minimise', split: 'validation' },
      { name: 'trainLoss', direction: 'minimise', split: 'train' },
    ] as const;
    const shown = reranks(measured, { objective, metrics }).map(({ numbers }) => [numbers.metric, numbers.at]);
    expect(shown).toEqual([
      ['validationMacroF1', 'last'],
      ['validationLoss', 'best'],
    ]);
    expect(rerank([], { objective, by: objective, at: 'last' }).verdict).toBe('too-few');
  });
});

describe('the set-up of a study', () => {
  it('weighs values, dimensions and density against what a trial costs', () => {
    const asked: Space = {
      ...space,
      hyperparameters: [
        ...space.hyperparameters,
        {
          name: 'width',
          kind: 'architecture',
          role: 'scientific',
          domain: { type: 'categorical', choices: [1, 2, 3] },
        },
      ],
    };
    const durations = [50_000, 60_000, 70_000].map((durationMs, trial) => ({ trial, durationMs }));
    const thin = tradeOff(asked, { trialCount: 20, durations, parallelism: 4 });
    expect(thin).toMatchObject({
      verdict: 'thin',
      numbers: { affordableValues: 2, trialMs: 60_000, studyMs: 300_000, enoughTrials: 30, enoughMs: 480_000 },
    });
    expect(thin.reason).toContain('5 min on 4 slots');
    expect(tradeOff(asked, { trialCount: 30 })).toMatchObject({ verdict: 'balanced', numbers: { studyMs: null } });
  });

  it('lets nothing end early while exploring, and only what a replay speaks for while exploiting', () => {
    const of = (options: Parameters<typeof pruningAdvice>[1], states: readonly TrialState[] = ['COMPLETED']) =>
      pruningAdvice(
        states.map((state, number) => trialOf(number, {}, 1, state)),
        options,
      ).verdict;
    expect(of({ phase: 'explore', pruner: 'none' })).toBe('off');
    expect(of({ phase: 'explore' })).toBe('not-known');
    expect(of({ phase: 'explore', pruner: 'none', hasEarlyStopping: true })).toBe('on-while-exploring');
    expect(of({ phase: 'explore' }, ['PRUNED'])).toBe('on-while-exploring');
    expect(of({ phase: 'exploit', pruner: 'median' })).toBe('on-unproven');
  });

  it('wants a decay that is tuned, linear or cosine unless compared', () => {
    const held = (value: string): Space => ({
      ...space,
      fixed: [{ name: 'schedule', kind: 'schedule', value, reason: 'usual' }],
    });
    expect(scheduleAdvice(held('constant'))).toMatchObject({
      verdict: 'constant',
      next: { domains: { schedule: {} } },
    });
    expect(scheduleAdvice(held('cosine')).verdict).toBe('tuned');
    expect(scheduleAdvice({ ...held('cosine'), hyperparameters: [] }).verdict).toBe('not-tuned');
    expect(scheduleAdvice(held('one-cycle')).verdict).toBe('complicated');
    expect(scheduleAdvice(space).verdict).toBe('not-known');
    expect(scheduleAdvice(space, { defaults: { schedule: 'cosine' } }).verdict).toBe('tuned');
  });
});
