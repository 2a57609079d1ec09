import { beforeAll, describe, expect, it } from 'vitest';
import { crossValidateBaselines } from '../baseline/cross-validate-baselines.ts';
import { runBaselines } from '../baseline/run-baselines.ts';
import type { Dataset } from '../recording.ts';
import { createSplit } from '../split/create-split.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import { GAIT_TABLE } from '../testing/gait-table.ts';
import { measureGait, type MeasuredGait } from '../testing/measure-gait.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import { HARMONICS } from './activities.ts';
import { generateDataset, syntheticContentHash } from './generate-dataset.ts';

const small = { people: 3, minutesPerPerson: 2, seed: 5 };
describeDataset('synthetic recordings', () => Promise.resolve(generateDataset(small)));

/**
 * Held on two seeds that nothing was tuned on; a seed gives the same result always. The dials were chosen on seeds 1-6.
 * How often yet another seed fails was measured on seeds 31-36, two random splits each. 30 people: no score by people
 * (94.4-96.6) and no gap (2.2-4.1). 20 people: 2 scores of 6 (91.3-97.1), 2 gaps of 12 (2.1-7.3, one seed). 40 people:
 * 1 score of 6 (93.9-97.6), 5 gaps of 12 (1.1-4.5). Of 432 amplitudes two lie at the bound (0.79, 0.80).
 */
describe.each([21, 22])('synthetic recordings against real ones, seed %i', (seed) => {
  const gaits = Object.entries(GAIT_TABLE);
  let dataset: Dataset;
  const measured = new Map<string, MeasuredGait>();
  beforeAll(() => {
    dataset = generateDataset({ people: 30, seed });
    for (const [name] of gaits) measured.set(name, measureGait(dataset, dataset.labels.indexOf(name)));
  }, 120_000);

  it.each(gaits)('%s has the step frequency and vertical movement of real people', (name, real) => {
    const synthetic = measured.get(name) as MeasuredGait;
    expect(Math.abs(synthetic.stepHz - real.stepHz.mean)).toBeLessThan(real.stepHz.deviation);
    expect(Math.abs(synthetic.vertical - real.vertical.mean)).toBeLessThan(real.vertical.deviation);
    // People differ about as much as real ones do.
    expect(synthetic.stepHzBetweenPeople / real.stepHz.deviation).toBeGreaterThan(0.6);
    expect(synthetic.stepHzBetweenPeople / real.stepHz.deviation).toBeLessThan(1.4);
    expect(synthetic.verticalBetweenPeople / real.vertical.deviation).toBeGreaterThan(0.6);
    expect(synthetic.verticalBetweenPeople / real.vertical.deviation).toBeLessThan(1.5);
  });

  it.each(gaits)('%s has their harmonics within 20 %%', (name, real) => {
    const synthetic = measured.get(name) as MeasuredGait;
    HARMONICS.forEach((k, h) => {
      const ratio = (synthetic.harmonics[h] as number) / (real.harmonics[h] as number);
      expect(Math.abs(ratio - 1), `amplitude at ${k} f0 is ${ratio.toFixed(2)} of the real one`).toBeLessThan(0.2);
    });
  });

  it('is as hard as real ones: logistic regression scores 92-97 by people and 2-5 points more on random windows', () => {
    const windows = cutWindows(dataset, { length: 128, step: 64 });
    const fit = { fitOn: ['train', 'validation'], scoreOn: 'test' } as const;
    const spec = { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 } as const;
    const byPeople = crossValidateBaselines(windows, spec, fit)['logistic-regression'].meanAccuracy;
    const random = createSplit(windows, { kind: 'random-windows', seed: 0, validationShare: 0.2, testShare: 0.2 });
    const byWindows = runBaselines(windows, random, fit)['logistic-regression'];
    expect(byPeople).toBeGreaterThan(0.92);
    expect(byPeople).toBeLessThan(0.97);
    expect(byWindows.accuracy - byPeople).toBeGreaterThan(0.02);
    expect(byWindows.accuracy - byPeople).toBeLessThan(0.05);
    expect(byWindows).toMatchObject({ isLeaking: true, isSynthetic: true });
  }, 240_000);
});

describe('generateDataset', () => {
  it('is a function of its options, and a person of the seed and their number', () => {
    const dataset = generateDataset(small);
    expect(generateDataset(small)).toEqual(dataset);
    const more = generateDataset({ ...small, people: 4 });
    expect(more.recordings.slice(0, dataset.recordings.length)).toEqual(dataset.recordings);
    const other = generateDataset({ ...small, seed: 6 });
    expect(other.recordings[0]?.samples).not.toEqual(dataset.recordings[0]?.samples);
    expect(dataset.contentHash).toBe(syntheticContentHash(small));
    expect(new Set([dataset, more, other].map(({ contentHash }) => contentHash)).size).toBe(3);
  });

  it('says that it is synthetic, and holds every activity for every person', () => {
    const dataset = generateDataset({ ...small, activities: ['WALK', 'JOG', 'LAY'] });
    expect(dataset).toMatchObject({ kind: 'synthetic', isSynthetic: true, labels: ['WALK', 'JOG', 'LAY'] });
    for (const { segments } of dataset.recordings) {
      expect(new Set(segments.map(({ label }) => label))).toEqual(new Set([0, 1, 2]));
    }
  });

  it('leaves no difference between people at personVariance 0: people cost no accuracy then', () => {
    const same = generateDataset({ people: 6, minutesPerPerson: 2, personVariance: 0 });
    const windows = cutWindows(same, { length: 128, step: 64 });
    const spec = { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 } as const;
    const [byPeople] = [crossValidateBaselines(windows, spec)['logistic-regression'].meanAccuracy];
    const varied = cutWindows(generateDataset({ people: 6, minutesPerPerson: 2 }), { length: 128, step: 64 });
    expect(byPeople).toBeGreaterThan(crossValidateBaselines(varied, spec)['logistic-regression'].meanAccuracy);
  }, 120_000);

  it('becomes one gait and one posture when the overlaps are 1', () => {
    const options = { people: 6, minutesPerPerson: 2, gaitOverlap: 1, postureOverlap: 1 };
    const windows = cutWindows(generateDataset(options), { length: 128, step: 64 });
    const spec = { kind: 'group-k-fold', folds: 3, fold: 0, seed: 0 } as const;
    // Three gaits, two postures and lying cannot be told apart better than by frequency: far below the default's 90.
    expect(crossValidateBaselines(windows, spec)['logistic-regression'].meanAccuracy).toBeLessThan(0.7);
  }, 120_000);

  it.each([
    [{ people: 0 }, /people: expected a number from 1 to 100000, got 0/],
    [{ people: 2.5 }, /expected whole numbers, got 2.5/],
    [{ gaitOverlap: 1.5 }, /gaitOverlap: .* got 1.5/],
    [{ minutesPerPerson: NaN }, /minutesPerPerson: .* got NaN/],
    [{ activities: [] }, /different ones of WALK, .*; got none/],
    [{ activities: ['WALK', 'WALK'] as const }, /got WALK, WALK/],
  ])('refuses %o', (options, message) => {
    expect(() => generateDataset(options)).toThrow(message);
  });
});
