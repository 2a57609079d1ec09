/**
 * How much of the best is luck, and what more trials would bring (Deep Learning Tuning Playbook, "Failing to sample enough
 * points in the search space", its Fig. 3; practices 52 and 53).
 *
 *   n trials that gave a result, m of them with a value, x_(1) <= ... <= x_(m) from the worst to the best, k a budget
 *   bootstrap, exactly   P(best of k <= x_(i)) = ((n - m + i) / n)^k        k draws with replacement; i = 0: none has a value
 *   unbiased expectation E_k = sum_i x_(i) (C(n-m+i, k) - C(n-m+i-1, k)) / C(n, k), given that one has a value; k <= n
 *
 * The bands are the Playbook's figure without its simulation. The bootstrap cannot exceed the best seen, so at large k it says
 * too little; the expectation without replacement is unbiased and ends at the best.
 *
 * More trials (ours): of exchangeable draws a better one is among N more with probability N / (n + N). How much better is
 * extrapolated by the power law E_k = E - c k^-a through k = n/8, n/4, n/2: with r = (E_(n/2) - E_(n/4)) / (E_(n/4) - E_(n/8))
 * held within 0 to 1, each doubling brings r times what the one before it brought. E_n itself is the best, one draw's luck, and
 * is left out. Over 600 studies of 64 uniform draws it said 25 % too much, of exponential ones 12 % too little. Quasi-random and random trials are exchangeable; those of an adaptive sampler are not, and the check says so.
 */
import type { Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { rankTrials } from './rank-trials.ts';
import { showCount, showNumber, showShare } from './wording.ts';

export const BEST_OF_K_THRESHOLDS = {
  /** Trials with a value below which nothing is said. */
  fewestTrials: 8,
  /** Luck (the standard deviation of the best) may be this many retrain standard deviations. */
  luckInRetrainSds: 1,
  /** More trials are worth it while they would bring more than this many retrain standard deviations. */
  gainInRetrainSds: 0.5,
} as const;

export interface BestOfKPoint {
  /** Trials in the study. */
  readonly budget: number;
  /** Bootstrap: with replacement. */
  readonly mean: number;
  readonly standardDeviation: number;
  readonly median: number;
  /** The middle half and the middle 90 % of studies of this budget, low to high. */
  readonly middleHalf: readonly [number, number];
  readonly middle90: readonly [number, number];
  /** Without replacement, unbiased; null for budgets above the number of trials. */
  readonly expected: number | null;
  /** Chance that no trial of such a study has a value. */
  readonly noneShare: number;
}

export interface BestOfKNumbers {
  readonly curve: readonly BestOfKPoint[];
  readonly trialCount: number;
  /** Standard deviation of the best of a study of as many trials. */
  readonly luck: number | null;
  readonly retrainSd: number | null;
  readonly moreTrials: number;
  /** Improvement that so many more trials are expected to bring, in the objective's unit, never negative. */
  readonly expectedGain: number | null;
  /** Chance that any of them is better than the best so far. */
  readonly chanceOfBetter: number;
}

export const BEST_OF_K_VERDICTS = ['enough', 'more-trials', 'retrain-noise-not-known', 'too-few'] as const;
export type BestOfK = Check<(typeof BEST_OF_K_VERDICTS)[number], BestOfKNumbers>;

export interface BestOfKOptions {
  readonly direction: Direction;
  /** Budgets of the curve; default 1, 2, ... up to the number of trials, at most 64 of them. */
  readonly budgets?: readonly number[];
  /** Standard deviation over seeds of one configuration, where it was measured. */
  readonly retrainSd?: number | null;
  /** Further trials to judge; default as many again. */
  readonly moreTrials?: number;
  /** Whether the trials were proposed by looking at results (TPE, GP). */
  readonly isAdaptive?: boolean;
  readonly thresholds?: Partial<Record<keyof typeof BEST_OF_K_THRESHOLDS, number>>;
}

export function bestOfK(trials: readonly AnalysedTrial[], options: BestOfKOptions): BestOfK {
  const { direction, retrainSd = null, isAdaptive = false } = options;
  const limits = { ...BEST_OF_K_THRESHOLDS, ...options.thresholds };
  const ranked = rankTrials(trials, direction);
  const draws = trials.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE');
  const sign = direction === 'maximise' ? 1 : -1;
  const sample: Sample = { ascending: ranked.map(({ bestValue }) => sign * bestValue).reverse(), n: draws.length };
  const moreTrials = options.moreTrials ?? sample.n;
  const budgets = options.budgets ?? evenBudgets(sample.n);
  const curve = ranked.length === 0 ? [] : budgets.map((budget) => pointAt(sample, budget, sign));
  const luck = ranked.length === 0 ? null : pointAt(sample, sample.n, sign).standardDeviation;
  const expectedGain = gainOf(sample, moreTrials);
  const numbers: BestOfKNumbers = {
    curve,
    trialCount: sample.n,
    luck,
    retrainSd,
    moreTrials,
    expectedGain,
    chanceOfBetter: sample.n + moreTrials === 0 ? 0 : moreTrials / (sample.n + moreTrials),
  };
  const base = { numbers, trials: ranked.map(({ number }) => number) };
  if (luck === null || expectedGain === null || ranked.length < limits.fewestTrials) {
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(ranked.length, 'trial')} with a value: at least ${limits.fewestTrials} are needed to tell luck from search`,
      next: moreTrialsStep(Math.max(limits.fewestTrials - ranked.length, 1)),
    };
  }
  const weak = isAdaptive ? "; weak evidence, for an adaptive sampler's trials are not exchangeable" : '';
  const seen = `at ${sample.n} trials luck is ±${showNumber(luck)} and ${moreTrials} more would bring about ${showNumber(expectedGain)}`;
  if (retrainSd === null) {
    return {
      ...base,
      verdict: 'retrain-noise-not-known',
      status: 'not-known',
      reason: `${seen}; whether that matters depends on the retrain noise, which was not measured${weak}`,
      next: {
        action: 'replicate',
        text: 'train the best configuration again with other seeds to measure the retrain noise',
        trial: (ranked[0] as { number: number }).number,
        trialCount: 5,
      },
    };
  }
  const isLucky = luck > limits.luckInRetrainSds * retrainSd;
  const isGainful = expectedGain > limits.gainInRetrainSds * retrainSd;
  const compared = `${seen}, retrain noise is ±${showNumber(retrainSd)}${weak}`;
  return isLucky || isGainful
    ? { ...base, verdict: 'more-trials', status: 'caution', reason: compared, next: moreTrialsStep(moreTrials) }
    : { ...base, verdict: 'enough', status: 'pass', reason: `${compared}: more trials would not be seen`, next: null };

  function moreTrialsStep(trialCount: number): BestOfK['next'] {
    const chance = showShare(trialCount / (sample.n + trialCount));
    const text = `run ${trialCount} more trials of the same space (chance of a better one ${chance}), or claim less`;
    return { action: 'add-trials', text, trialCount };
  }
}

interface Sample {
  /** Values where more is better, worst first. */
  readonly ascending: readonly number[];
  /** Draws, those without a value included. */
  readonly n: number;
}

/** Ends of the middle half and of the middle 90 %, with the median between them. */
const SHOWN_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

function pointAt({ ascending, n }: Sample, budget: number, sign: 1 | -1): BestOfKPoint {
  const none = n - ascending.length;
  const noneShare = (none / n) ** budget;
  // Probability that each value is the best, given that there is one: by how much the cumulative one grows there.
  const shares = new Float64Array(ascending.length);
  const quantiles: number[] = [];
  let mean = 0;
  let below = 0;
  // Before this one they are below 1e-300, which no sum of doubles sees: of large budgets that is nearly all of them.
  const first = Math.max(Math.floor(n * 1e-300 ** (1 / budget)) - none - 1, 0);
  for (let i = first; i < ascending.length; i++) {
    const value = ascending[i] as number;
    const cumulative = (((none + i + 1) / n) ** budget - noneShare) / (1 - noneShare);
    while (cumulative >= (SHOWN_QUANTILES[quantiles.length] ?? Infinity) - 1e-12) quantiles.push(value);
    shares[i] = cumulative - below;
    mean += value * (cumulative - below);
    below = cumulative;
  }
  let variance = 0;
  for (let i = first; i < ascending.length; i++)
    variance += ((ascending[i] as number) - mean) ** 2 * (shares[i] as number);
  const [low5, low25, median, high75, high95] = quantiles as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
  ];
  const between = (low: number, high: number): readonly [number, number] => (sign === 1 ? [low, high] : [-high, -low]);
  const expected = expectedBest({ ascending, n }, budget);
  return {
    budget,
    mean: sign * mean,
    standardDeviation: Math.sqrt(variance),
    median: sign * median,
    middleHalf: between(low25, high75),
    middle90: between(low5, high95),
    expected: expected === null ? null : sign * expected,
    noneShare,
  };
}

/** E_k of the file's head: the mean over all subsets of k trials that hold a value. */
function expectedBest({ ascending, n }: Sample, budget: number): number | null {
  if (budget > n || ascending.length === 0) return null;
  const none = n - ascending.length;
  let expected = 0;
  let weight = 0;
  // C(j, k) / C(n, k) for j = n down to none: each step down multiplies by (j - k) / j.
  let atMost = 1;
  for (let i = ascending.length - 1; i >= 0; i--) {
    const j = none + i + 1;
    const below = (atMost * (j - budget)) / j;
    const share = j < budget ? 0 : atMost - Math.max(below, 0);
    expected += (ascending[i] as number) * share;
    weight += share;
    atMost = Math.max(below, 0);
  }
  return expected / weight;
}

/** Expected improvement by `more` further trials; null where there are too few to extrapolate. */
function gainOf(sample: Sample, more: number): number | null {
  const at = (part: number): number | null => expectedBest(sample, Math.max(1, Math.round(sample.n / part)));
  const eighth = at(8);
  const quarter = at(4);
  const half = at(2);
  if (sample.n < 8 || eighth === null || quarter === null || half === null) return null;
  const lastDoubling = half - quarter;
  const ratio = quarter > eighth ? Math.min(Math.max(lastDoubling / (quarter - eighth), 0), 1) : 1;
  const doublings = Math.log2((sample.n + more) / sample.n);
  // From n/2 to n brings r d, and what follows r^2 d for a whole doubling.
  const next = lastDoubling * ratio * ratio;
  return ratio > 1 - 1e-9 ? next * doublings : (next * (1 - ratio ** doublings)) / (1 - ratio);
}

function evenBudgets(n: number): readonly number[] {
  const count = Math.min(n, 64);
  return Array.from({ length: count }, (_, i) => Math.round(1 + (i * (n - 1)) / Math.max(count - 1, 1)));
}
