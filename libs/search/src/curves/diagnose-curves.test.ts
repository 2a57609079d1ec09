import { createRng, type EpochDetail } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { checklist } from '../analysis/checklist.ts';
import type { MeasuredTrial } from './curve.ts';
import { CURVE_LABELS, type CurveLabel } from './curve-label.ts';
import { CURVE_THRESHOLDS } from './curve-thresholds.ts';
import { curveFindings, diagnoseCurves, type DiagnoseCurvesOptions } from './diagnose-curves.ts';
import { healthyValues, madeTrial, noise, type MadeCurve } from './testing/made-curves.ts';

const labelsOf = (trial: MeasuredTrial, options?: DiagnoseCurvesOptions) => diagnoseCurves(trial, options).labels;
const checkOf = (trial: MeasuredTrial, label: CurveLabel, options?: DiagnoseCurvesOptions) =>
  diagnoseCurves(trial, options).checks.find((check) => check.label === label)!;
const healthy = (epochs: number, facts: Partial<MeasuredTrial> = {}) =>
  madeTrial({ epochs, values: healthyValues({ epochs }) }, facts);
/** A healthy curve with some metrics replaced. */
const changed = (epochs: number, values: MadeCurve['values'], facts: Partial<MeasuredTrial> = {}) =>
  madeTrial({ epochs, values: { ...healthyValues({ epochs }), ...values } }, facts);

/** Parts of an epoch as the built-in trainer sends them. */
const detailOf =
  (loss: (epoch: number, part: number) => number, count = 16) =>
  (epoch: number): EpochDetail => ({
    trainLoss: Array.from({ length: count }, (_, part) => {
      const value = loss(epoch, part);
      return { minimum: value, mean: value, maximum: value };
    }),
    gradientNorm: [],
    clippedShare: 0,
  });

describe('a healthy curve', () => {
  it.each([10, 15, 25, 60, 200])('has no finding in %i epochs, at any scale of the loss', (epochs) => {
    for (const scale of [1e-3, 0.1, 2, 1000]) {
      const values = { ...healthyValues({ epochs, scale }) };
      expect(labelsOf(madeTrial({ epochs, values })), `scale ${scale}`).toEqual([]);
    }
  });

  it('has no finding under different seeds and sizes of noise in 97 of 100 at least', () => {
    // Fixed seeds: the share is what it is; 3 % is what the thresholds are meant to allow.
    const found = Array.from({ length: 100 }, (_, seed) => {
      const epochs = 12 + (seed % 40);
      const values = healthyValues({ epochs, noise: [0.001, 0.005, 0.01][seed % 3]!, seed });
      return labelsOf(madeTrial({ epochs, values }));
    });
    expect(found.filter((labels) => labels.length > 0).length).toBeLessThanOrEqual(3);
  });
});

describe('too little to go by', () => {
  it.each([0, 1, 2])('finds nothing in %i epochs and says that it is not known', (epochs) => {
    const diagnosis = diagnoseCurves(healthy(epochs));
    expect(diagnosis.labels).toEqual([]);
    for (const label of [
      'overfitting',
      'late-noise',
      'still-improving',
      'saturated',
      'periodic',
      'rising-train-loss',
    ]) {
      expect(diagnosis.checks.find((check) => check.label === label)).toMatchObject({
        verdict: 'not-known',
        status: 'not-known',
        remedies: [],
      });
    }
  });

  it('knows nothing of a curve that is null throughout, and never measured values', () => {
    const none = { trainLoss: () => null, validationLoss: () => null, validationAccuracy: () => null };
    for (const values of [none, {}, { lossOfAnotherName: (epoch: number) => epoch }]) {
      const diagnosis = diagnoseCurves(madeTrial({ epochs: 30, values }));
      expect(diagnosis.checks.map(({ verdict }) => verdict)).toEqual(CURVE_LABELS.map(() => 'not-known'));
      expect(curveFindings(diagnosis)).toMatchObject([{ label: 'not-known', status: 'not-known' }]);
    }
  });

  it('judges a foreign trainer by what it measures, under its own names', () => {
    const epochs = 40;
    const rising = (epoch: number) => (epoch < 15 ? 2 - 0.1 * epoch : 0.5 + 0.03 * (epoch - 15));
    const trial = madeTrial({ epochs, values: { 'val/loss': rising } });
    const options = { metricNames: { validationLoss: 'val/loss' } };
    expect(labelsOf(trial, options)).toContain('overfitting');
    expect(checkOf(trial, 'rising-train-loss', options).verdict).toBe('not-known');
    expect(checkOf(trial, 'collapsed', options).verdict).toBe('not-known');
  });

  it('does not judge the end of a trial that was pruned', () => {
    const values = { ...healthyValues({ epochs: 100 }) };
    const pruned = madeTrial({ epochs: 20, values, state: 'PRUNED' }, { totalEpochs: 100 });
    for (const label of ['late-noise', 'still-improving', 'saturated'] as const)
      expect(checkOf(pruned, label).verdict).toBe('not-known');
    expect(labelsOf(pruned)).toEqual([]);
  });

  it('passes over single values that are missing', () => {
    const epochs = 30;
    const values = Object.fromEntries(
      Object.entries(healthyValues({ epochs })).map(([name, of]) => [
        name,
        (epoch: number) => (epoch % 7 === 3 && name !== 'trainLoss' ? null : of(epoch)),
      ]),
    );
    expect(labelsOf(madeTrial({ epochs, values }))).toEqual([]);
  });
});

describe('each label in a curve made for it', () => {
  it('overfitting: the validation loss rises while the training loss falls', () => {
    const trial = changed(40, {
      validationLoss: (epoch) => (epoch < 12 ? 2 - 0.12 * epoch : 0.56 + 0.02 * (epoch - 12)),
    });
    const check = checkOf(trial, 'overfitting');
    expect(check).toMatchObject({ verdict: 'found', status: 'caution', trials: [1] });
    expect(check.epochs[0]).toBeGreaterThanOrEqual(11);
    expect(check.epochs[0]).toBeLessThanOrEqual(13);
    expect(check.reason).toMatch(/lowest at epoch 1[123] .* rises by \d+ % to 1\.\d+/);
  });

  it('late noise: the score jumps about at the end', () => {
    const jumps = noise(3, 'late', 0.06);
    const base = healthyValues({ epochs: 30 });
    const trial = changed(30, { validationAccuracy: (epoch) => base['validationAccuracy']!(epoch)! + jumps(epoch) });
    expect(labelsOf(trial)).toEqual(['late-noise']);
  });

  it('still improving: a straight fall to the end', () => {
    for (const epochs of [6, 20, 80]) {
      const fall = (epoch: number) => 2 - (1.5 * epoch) / epochs;
      expect(labelsOf(changed(epochs, { trainLoss: fall, validationLoss: fall }))).toContain('still-improving');
    }
  });

  it('saturated: a plateau from a tenth of training on', () => {
    const epochs = 80;
    const small = noise(1, 'plateau', 0.004);
    const course = (epoch: number) => 0.3 + 1.7 * Math.exp(-epoch / 3) + small(epoch);
    const trial = changed(epochs, {
      trainLoss: course,
      validationLoss: course,
      validationAccuracy: (epoch) => 0.9 - 0.4 * course(epoch),
      validationMacroF1: (epoch) => 0.88 - 0.4 * course(epoch),
    });
    const check = checkOf(trial, 'saturated');
    expect(check).toMatchObject({ verdict: 'found', status: 'pass', next: { action: 'train-shorter' } });
    expect(check.numbers['reachedPart']).toBeLessThan(0.25);
    expect(labelsOf(trial)).toEqual(['saturated']);
  });

  it('rising training loss: a bug, whatever else', () => {
    const rise = (epoch: number) => (epoch < 10 ? 2 - 0.15 * epoch : 0.5 + 0.05 * (epoch - 10));
    const check = checkOf(changed(30, { trainLoss: rise }), 'rising-train-loss');
    expect(check).toMatchObject({ verdict: 'found', status: 'fail', next: { action: 'look-for-bug' } });
    expect(check.remedies).toHaveLength(1);
  });

  it('periodic across evaluations: a sinusoid of any whole period', () => {
    for (const period of [2, 3, 4, 5, 7]) {
      const wave = (epoch: number) => 0.1 * Math.sin((2 * Math.PI * epoch) / period + 1);
      const base = healthyValues({ epochs: 48 });
      const trial = changed(48, { validationLoss: (epoch) => base['validationLoss']!(epoch)! + wave(epoch) });
      const check = checkOf(trial, 'periodic');
      expect(check.verdict, `period ${period}`).toBe('found');
      expect(check.numbers['period']! % period, `period ${period}`).toBe(0);
    }
  });

  it('periodic within an epoch: the same course in every one', () => {
    const base = healthyValues({ epochs: 12 });
    const course = detailOf(
      (epoch, part) => base['trainLoss']!(epoch)! + 0.2 * Math.sin(part) + noise(epoch, 'part', 0.05)(part),
    );
    const trial = madeTrial({ epochs: 12, values: base, detail: course });
    expect(checkOf(trial, 'periodic')).toMatchObject({ verdict: 'found', numbers: { period: 1 } });
    const shuffled = detailOf((epoch, part) => base['trainLoss']!(epoch)! + noise(epoch, 'part', 0.15)(part));
    expect(labelsOf(madeTrial({ epochs: 12, values: base, detail: shuffled }))).toEqual([]);
  });

  it('not periodic: what the learning rate does itself', () => {
    const wave = (epoch: number) => Math.cos((2 * Math.PI * epoch) / 6);
    const base = healthyValues({ epochs: 48 });
    const trial = changed(48, {
      learningRate: (epoch) => 1e-3 * (1.1 + wave(epoch)),
      validationLoss: (epoch) => base['validationLoss']!(epoch)! + 0.1 * wave(epoch),
    });
    const check = checkOf(trial, 'periodic');
    expect(check.verdict).toBe('not-found');
    expect(check.reason).toContain('so does the learning rate');
  });

  it('spikes: early or late by where they are, from evaluations or from parts of epochs', () => {
    const base = healthyValues({ epochs: 40 });
    const spikeAt = (at: number) => (epoch: number) => base['trainLoss']!(epoch)! + (epoch === at ? 3 : 0);
    expect(labelsOf(changed(40, { trainLoss: spikeAt(25) }))).toEqual(['spikes-late']);
    expect(labelsOf(changed(40, { trainLoss: spikeAt(4) }, { warmupEpochs: 5 }))).toEqual(['spikes-early']);
    const inPart = (at: number, place: number) =>
      madeTrial({
        epochs: 40,
        values: base,
        detail: detailOf(
          (epoch, part) => base['trainLoss']!(epoch - 1 + part / 16)! + (epoch === at && part === place ? 3 : 0),
        ),
      });
    const late = checkOf(inPart(20, 7), 'spikes-late');
    expect(late.epochs).toEqual([19.5]);
    expect(late.reason).toContain('at epoch 19.5');
    expect(labelsOf(inPart(20, 7))).toEqual(['spikes-late']);
    expect(labelsOf(inPart(1, 6))).toEqual(['spikes-early']);
  });

  it('divergence: a spike that no number shows', () => {
    const base = healthyValues({ epochs: 40 });
    const diverged = madeTrial(
      { epochs: 12, values: base, state: 'INFEASIBLE' },
      { totalEpochs: 40, divergedAtEpoch: 12.4 },
    );
    expect(checkOf(diverged, 'spikes-late')).toMatchObject({ verdict: 'found', status: 'fail', epochs: [12.4] });
    const atOnce = madeTrial(
      { epochs: 0, values: base, state: 'INFEASIBLE' },
      { totalEpochs: 40, divergedAtEpoch: 0.1 },
    );
    expect(labelsOf(atOnce)).toEqual(['spikes-early']);
    for (const nothing of [null, NaN]) {
      const lost = changed(20, { trainLoss: (epoch) => (epoch > 14 ? nothing : base['trainLoss']!(epoch)) });
      expect(checkOf(lost, 'spikes-late')).toMatchObject({ verdict: 'found', epochs: [15] });
    }
  });

  it('collapsed: accuracy and macro-F1 of one class, or a confusion matrix of one column', () => {
    const share = 0.385;
    const constant = changed(20, {
      trainLoss: () => 1.6,
      validationLoss: () => 1.6,
      validationAccuracy: () => share,
      validationMacroF1: () => (2 * share) / ((1 + share) * 6),
    });
    expect(labelsOf(constant)).toContain('collapsed');
    expect(labelsOf({ ...constant, classCount: 6 })).toContain('collapsed');
    const confusionMatrix = [
      [0, 20, 0],
      [0, 30, 0],
      [1, 49, 0],
    ];
    expect(checkOf(healthy(20, { confusionMatrix }), 'collapsed')).toMatchObject({ verdict: 'found', status: 'fail' });
  });

  it('not collapsed: nearly all windows are of one class and the others are told apart; not known without others', () => {
    const verdictOf = (confusionMatrix: number[][]): string =>
      checkOf(healthy(20, { confusionMatrix }), 'collapsed').verdict;
    expect(
      verdictOf([
        [985, 1],
        [0, 14],
      ]),
    ).toBe('not-found');
    expect(
      verdictOf([
        [985, 1],
        [14, 0],
      ]),
    ).toBe('found');
    expect(
      verdictOf([
        [100, 0],
        [0, 0],
      ]),
    ).toBe('not-known');
  });

  it('not collapsed: a random guesser, a bad but varied model, a good one', () => {
    const guess = noise(5, 'guess', 0.01);
    for (const classes of [2, 6, 12]) {
      const trial = changed(20, {
        trainLoss: () => Math.log(classes),
        validationLoss: (epoch) => Math.log(classes) + guess(epoch),
        validationAccuracy: (epoch) => 1 / classes + guess(epoch) / classes,
        validationMacroF1: (epoch) => 0.98 / classes + guess(epoch) / classes,
      });
      expect(labelsOf(trial), `${classes} classes`).toEqual([]);
      expect(labelsOf({ ...trial, classCount: classes })).toEqual([]);
    }
  });
});

describe('random walks', () => {
  it('have a period by chance in at most 2 of 200', () => {
    const found = Array.from({ length: 200 }, (_, seed) => {
      const rng = createRng(seed, 'walk');
      let at = 0;
      const walk = Array.from({ length: 40 + (seed % 60) }, () => (at += rng.normal()));
      const trial = madeTrial({ epochs: walk.length, values: { validationLoss: (epoch) => 100 + walk[epoch - 1]! } });
      return labelsOf(trial).includes('periodic');
    });
    expect(found.filter(Boolean).length).toBeLessThanOrEqual(2);
  });

  it('white noise has neither period nor spike nor trend in at most 4 of 200', () => {
    const found = Array.from({ length: 200 }, (_, seed) => {
      const values = {
        trainLoss: (epoch: number) => 1 + noise(seed, 'a', 0.02)(epoch),
        validationLoss: (epoch: number) => 1 + noise(seed, 'b', 0.02)(epoch),
      };
      return labelsOf(madeTrial({ epochs: 8 + (seed % 80), values })).filter((label) => label !== 'late-noise');
    });
    expect(found.filter((labels) => labels.length > 0).length).toBeLessThanOrEqual(4);
  });
});

describe('remedies', () => {
  const overfit = changed(40, {
    validationLoss: (epoch) => (epoch < 12 ? 2 - 0.12 * epoch : 0.56 + 0.02 * (epoch - 12)),
  });
  const early = changed(40, { trainLoss: (epoch) => 2 - epoch / 25 + (epoch === 3 ? 3 : 0) }, { warmupEpochs: 4 });
  const late = changed(40, { trainLoss: (epoch) => 2 - epoch / 25 + (epoch === 30 ? 3 : 0) });

  it('do not advise regularisation where it is what a study compares', () => {
    const nuisance = { name: 'dropout', kind: 'regulariser', role: 'nuisance' } as const;
    const values = { dropout: 0.1 };
    const advised = checkOf(overfit, 'overfitting', { hyperparameters: [nuisance], values }).remedies;
    expect(advised.map(({ action }) => action)).toEqual(['regularise', 'regularise', 'regularise', 'regularise']);
    expect(advised[0]?.text).toBe('more dropout (0.1 now)');
    const compared = checkOf(overfit, 'overfitting', {
      hyperparameters: [{ ...nuisance, role: 'scientific' }],
    }).remedies;
    expect(compared.map(({ action }) => action)).toEqual(['keep']);
  });

  it('against instability come in order: warm-up if it is early, clipping, optimizer, architecture, a lower rate last', () => {
    const actions = (trial: MeasuredTrial, label: CurveLabel) =>
      checkOf(trial, label).remedies.map(({ action }) => action);
    const both = ['clip-gradients', 'change-optimizer', 'change-architecture', 'lower-learning-rate'];
    expect(actions(early, 'spikes-early')).toEqual(['warm-up', ...both]);
    expect(actions(late, 'spikes-late')).toEqual(both);
  });

  it('name the clipping threshold, or the learning rate where most steps are clipped already', () => {
    const withNorms = (clippedShare: number): MeasuredTrial => ({
      ...late,
      measurements: late.measurements.map((measurement) => ({
        ...measurement,
        detail: {
          trainLoss: [],
          gradientNorm: [1, 2, 3, 4, 5].map((norm) => ({ minimum: norm, mean: norm, maximum: norm })),
          clippedShare,
        },
      })),
    });
    expect(checkOf(withNorms(0), 'spikes-late').next?.text).toContain('at 5,');
    const clipped = checkOf(withNorms(0.61), 'spikes-late').remedies;
    expect(clipped.map(({ action }) => action)).toEqual(['lower-learning-rate']);
    expect(clipped[0]?.text).toContain('61 %');
  });

  it('against late noise begin with what the curve shows to be the cause', () => {
    const jumps = noise(3, 'late', 0.06);
    const noisy = (rate: (epoch: number) => number, facts: Partial<MeasuredTrial>) =>
      checkOf(
        changed(30, { validationAccuracy: (epoch) => 0.8 + jumps(epoch), learningRate: rate }, facts),
        'late-noise',
      ).remedies;
    const undecayed = noisy(() => 1e-3, { validationCount: 100_000 });
    expect(undecayed[0]?.text).toContain('decay');
    expect(undecayed.slice(1).map(({ text }) => text.split(' ')[1])).toEqual(['larger', 'validation', 'the']);
    const fewWindows = noisy((epoch) => 1e-3 * (1 - epoch / 30), { validationCount: 60 });
    expect(fewWindows[0]?.text).toContain('validation windows');
  });
});

describe('a diagnosis', () => {
  it('is a plain value with a check of each label, and thresholds can be changed', () => {
    const trial = healthy(30);
    const diagnosis = diagnoseCurves(trial);
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
    expect(diagnosis.checks.map(({ label }) => label)).toEqual([...CURVE_LABELS]);
    const { reachedPart } = checkOf(trial, 'saturated').numbers;
    expect(reachedPart).toBeGreaterThan(CURVE_THRESHOLDS.saturated.reachedBy);
    expect(labelsOf(trial, { thresholds: { saturated: { reachedBy: 0.95 } } })).toEqual(['saturated']);
  });

  it('becomes findings that the checklist takes: optimisation apart from the other curves', () => {
    const broken = diagnoseCurves(
      changed(30, { trainLoss: (epoch) => (epoch < 10 ? 2 - 0.15 * epoch : 0.05 * epoch) }),
    );
    const findings = [...curveFindings(broken), ...curveFindings(diagnoseCurves({ ...healthy(30), number: 2 }))];
    expect(findings.map(({ trial, label, isOptimisation }) => [trial, label, isOptimisation])).toEqual([
      [1, 'rising-train-loss', true],
      [2, 'healthy', false],
    ]);
    const evidence = { boundaries: [], curves: findings } as unknown as Parameters<typeof checklist>[0];
    const other = { verdict: 'fine', status: 'pass', reason: '', numbers: {}, trials: [1, 2], next: null };
    const { answers } = checklist({
      ...evidence,
      goodRegion: other,
      bestOfK: other,
      infeasible: other,
      bestSteps: other,
    } as never);
    const statusOf = (id: string) => answers.find((answer) => answer.id === id)?.status;
    expect(statusOf('optimisation')).toBe('fail');
    expect(statusOf('curves')).toBe('pass');
  });
});
