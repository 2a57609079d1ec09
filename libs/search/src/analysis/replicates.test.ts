import { readFileSync } from 'node:fs';
import type { Kind } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { trialOf } from '../testing/trial-of.ts';
import { adoptionCard } from './adoption-card.ts';
import { compareReplicates } from './compare-replicates.ts';
import { complexityDelta, complexityOf } from './complexity.ts';
import { replicates, type Run } from './replicates.ts';
import { varianceSources } from './variance-sources.ts';

interface Known {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly welch: {
    readonly effect: number;
    readonly interval: readonly number[];
    readonly p: number;
    readonly degrees: number;
  };
  readonly paired: { readonly effect: number; readonly interval: readonly number[]; readonly p: number };
  readonly interval: readonly number[];
  readonly probabilityBetter: number;
  readonly probabilityBetterPaired: number;
}
const { comparisons: known } = JSON.parse(
  readFileSync(new URL('../../fixtures/analysis.json', import.meta.url), 'utf8'),
) as { comparisons: Known };

function runs(
  values: readonly (number | null)[],
  rest: { firstSeed?: number; firstTrial?: number } = {},
): readonly Run[] {
  const { firstSeed = 0, firstTrial = 0 } = rest;
  return values.map((value, i) => ({ trial: firstTrial + i, seed: firstSeed + i, configuration: 'c', value }));
}

describe('replicates', () => {
  it('have the mean and the interval of scipy', () => {
    const { numbers, verdict, trials } = replicates(runs(known.a));
    expect(verdict).toBe('measured');
    expect(numbers.interval?.[0]).toBeCloseTo(known.interval[0] as number, 12);
    expect(numbers.interval?.[1]).toBeCloseTo(known.interval[1] as number, 12);
    expect(trials).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('bound their standard deviation by the chi-square of a table', () => {
    // n = 6: sqrt(5 / 12.8325) and sqrt(5 / 0.831212) times s.
    const { standardDeviation, standardDeviationInterval } = replicates(runs(known.a)).numbers;
    expect((standardDeviationInterval?.[0] as number) / (standardDeviation as number)).toBeCloseTo(0.6242, 4);
    expect((standardDeviationInterval?.[1] as number) / (standardDeviation as number)).toBeCloseTo(2.4526, 4);
  });

  it('are refused where seeds repeat or configurations differ', () => {
    const [first, ...rest] = runs([0.1, 0.2, 0.3]) as [Run, Run, Run];
    expect(replicates([first, { ...first, trial: 9 }, ...rest])).toMatchObject({
      verdict: 'not-replicates',
      status: 'fail',
    });
    expect(replicates([{ ...first, configuration: 'd' }, ...rest]).reason).toBe('expected one configuration, got 2');
  });

  it('say that they are too few, and that some gave no value', () => {
    expect(replicates(runs([0.1]))).toMatchObject({ verdict: 'too-few', next: { trialCount: 2 } });
    expect(replicates(runs([0.1, 0.2, 0.3, null]))).toMatchObject({ status: 'caution', numbers: { without: 1 } });
  });
});

describe('a comparison of replicates', () => {
  it('is Welch of scipy where seeds differ, with the posterior of four million draws', () => {
    const { numbers, verdict } = compareReplicates(runs(known.a), runs(known.b, { firstSeed: 50 }), {
      direction: 'maximise',
    });
    expect(numbers.method).toBe('welch');
    expect(verdict).toBe('not-told-apart');
    expect(numbers.effect).toBeCloseTo(known.welch.effect, 12);
    expect(numbers.interval?.[0]).toBeCloseTo(known.welch.interval[0] as number, 10);
    expect(numbers.p).toBeCloseTo(known.welch.p, 10);
    expect(numbers.degrees).toBeCloseTo(known.welch.degrees, 10);
    // The draws' standard error is 0.00025.
    expect(Math.abs((numbers.probabilityBetter as number) - known.probabilityBetter)).toBeLessThan(0.001);
  });

  it('is paired by seed where both have the same, in whatever order', () => {
    const shuffled = [...runs(known.c)].reverse();
    const { numbers, verdict } = compareReplicates(runs(known.a), shuffled, { direction: 'maximise' });
    expect(numbers.method).toBe('paired');
    expect(verdict).toBe('better');
    expect(numbers.effect).toBeCloseTo(known.paired.effect, 12);
    expect(numbers.interval?.[1]).toBeCloseTo(known.paired.interval[1] as number, 10);
    expect(numbers.p).toBeCloseTo(known.paired.p, 10);
    expect(numbers.probabilityBetter).toBeCloseTo(known.probabilityBetterPaired, 10);
  });

  it('counts better as positive in either direction', () => {
    const check = compareReplicates(runs(known.a), runs(known.c), { direction: 'minimise' });
    expect(check.verdict).toBe('worse');
    expect(check.numbers.effect).toBeCloseTo(-known.paired.effect, 12);
  });

  it('does not divide by a spread that is zero', () => {
    const { numbers, verdict } = compareReplicates(runs([1, 1, 1]), runs([0, 0, 0], { firstSeed: 9 }), {
      direction: 'maximise',
    });
    expect(verdict).toBe('better');
    expect(numbers).toMatchObject({ p: 0, probabilityBetter: 1, interval: [1, 1] });
  });

  it('asks for seeds where there are too few', () => {
    expect(compareReplicates(runs([1, 2]), runs([1]), { direction: 'maximise' })).toMatchObject({
      verdict: 'too-few',
      numbers: { effect: null },
      next: { trialCount: 3 },
    });
  });
});

describe('the three variances', () => {
  const study = Array.from({ length: 20 }, (_, number) => trialOf(number, {}, 0.5 + 0.02 * ((number * 7) % 20)));

  it('stand apart, each with its origin', () => {
    const { numbers, verdict, status } = varianceSources({
      direction: 'maximise',
      replicateGroups: [runs([1, 2, 3]), runs([5, 5.5], { firstTrial: 30 }), runs([9], { firstTrial: 40 })],
      study,
      folds: [0.7, 0.8, 0.9].map((value, fold) => ({ trial: 60 + fold, fold, value })),
    });
    expect([verdict, status]).toEqual(['all-known', 'pass']);
    // Pooled: (2 x 1 + 1 x 0.125) / 3.
    expect(numbers.retrain).toMatchObject({
      degrees: 3,
      origin: '5 runs of 2 configurations',
      trials: [0, 1, 2, 30, 31],
    });
    expect(numbers.retrain?.standardDeviation).toBeCloseTo(Math.sqrt(2.125 / 3), 12);
    expect(numbers.study).toMatchObject({ degrees: null, origin: 'bootstrap of the best of 20 trials' });
    expect(numbers.data?.standardDeviation).toBeCloseTo(0.1, 12);
  });

  it('take repeated studies before the bootstrap, and mark what an older pipeline gave', () => {
    const repeatedBests = [0.8, 0.82, 0.84].map((value, trial) => ({ trial, value }));
    const check = varianceSources({
      direction: 'maximise',
      study,
      repeatedBests,
      fingerprints: { now: 'b', study: 'a' },
    });
    expect(check.numbers.study).toMatchObject({ degrees: 2, isStale: true });
    expect(check.numbers.study?.standardDeviation).toBeCloseTo(0.02, 12);
    expect(check).toMatchObject({ verdict: 'some-known', status: 'caution', numbers: { retrain: null, data: null } });
    expect(check.reason).toContain('from an older pipeline');
    expect(check.next?.text).toContain('five other seeds');
  });

  it('are not known of a single run', () => {
    expect(varianceSources({ direction: 'maximise', folds: [{ trial: 0, fold: 0, value: 1 }] })).toMatchObject({
      verdict: 'none-known',
      status: 'not-known',
    });
  });
});

describe('complexity', () => {
  const kinds: Readonly<Record<string, Kind>> = {
    dropout: 'regulariser',
    classWeights: 'regulariser',
    jitter: 'augmentation',
    permutationPieces: 'augmentation',
    finalLearningRate: 'schedule',
  };
  const plain = {
    values: { dropout: 0, classWeights: 'none', jitter: 0, permutationPieces: 1, schedule: 'constant' },
    kinds,
  };

  it('counts the parts that are on, not how strong they are', () => {
    expect(complexityOf(plain).parts).toEqual([]);
    const values = {
      dropout: 0.5,
      jitter: 0.01,
      permutationPieces: 4,
      schedule: 'cosine',
      finalLearningRate: 1e-5,
      clipNorm: 1,
    };
    expect(complexityOf({ values, kinds }).parts).toEqual([
      'dropout',
      'jitter',
      'permutationPieces',
      'schedule',
      'clipNorm',
    ]);
  });

  it('is what a change adds and takes away', () => {
    const candidate = { values: { ...plain.values, dropout: 0.1 }, kinds, weightCount: 300 };
    const baseline = { values: { ...plain.values, jitter: 0.1 }, kinds, weightCount: 200 };
    expect(complexityDelta(candidate, baseline)).toEqual({
      added: ['dropout'],
      removed: ['jitter'],
      parts: 0,
      weightRatio: 1.5,
    });
  });
});

describe('an adoption card', () => {
  const more = { added: ['warmupEpochs'], removed: [], parts: 1, weightRatio: 1 };

  it('says adopt where the candidate is probably better and pays for its parts', () => {
    const card = adoptionCard(runs(known.a), runs(known.c), { direction: 'maximise', complexity: more });
    expect(card).toMatchObject({ verdict: 'adopt', status: 'pass', next: { action: 'adopt' } });
    expect(card.reason).toContain('adds warmupEpochs');
    expect(card.reason).toContain('study variance not counted');
    expect(card.numbers.probabilityBetter).toBeCloseTo(known.probabilityBetterPaired, 10);
  });

  it('counts the luck of the search when it is known', () => {
    const card = adoptionCard(runs(known.a), runs(known.c), { direction: 'maximise', studySd: { candidate: 0.02 } });
    expect(card.verdict).toBe('more-seeds');
    expect(card.numbers.probabilityBetterOfSearch).toBeLessThan(card.numbers.probabilityBetter as number);
  });

  it('keeps the baseline where many parts gain little, or where the candidate is worse', () => {
    const nine = { ...more, parts: 9 };
    expect(adoptionCard(runs(known.a), runs(known.c), { direction: 'maximise', complexity: nine })).toMatchObject({
      verdict: 'keep-baseline',
      status: 'caution',
    });
    expect(adoptionCard(runs(known.c), runs(known.a), { direction: 'maximise' })).toMatchObject({
      verdict: 'keep-baseline',
      status: 'pass',
    });
    expect(adoptionCard(runs([1]), runs([0]), { direction: 'maximise' }).verdict).toBe('too-few');
  });
});
