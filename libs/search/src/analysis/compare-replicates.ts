/**
 * Two configurations compared by their replicates, with effect and interval, not by a test on one validation set: retrain noise
 * alone can look significant there (Deep Learning Tuning Playbook, "Determining whether to adopt ..."; practice 74).
 *
 *   paired  both were trained with the same seeds: Student's t of the differences, seed by seed
 *   Welch   else: unequal variances, degrees of freedom by Welch and Satterthwaite
 *
 *   P(better) posterior probability that the candidate's mean is better, under flat priors on means and log standard deviations:
 *             paired, one Student t; else two independent ones, integrated over quantiles of the first
 */
import type { Direction } from '@kinetune/study';
import type { Check } from './check.ts';
import type { Run } from './replicates.ts';
import { studentCdf, studentQuantile } from './statistics/distributions.ts';
import { mean, standardDeviation } from './statistics/moments.ts';
import { showCount, showNumber, showShare } from './wording.ts';

export const COMPARISON_THRESHOLDS = {
  fewestSeeds: 3,
  confidence: 0.95,
} as const;

export interface ComparisonNumbers {
  readonly method: 'paired' | 'welch';
  /** Better is positive, whatever the direction: candidate minus baseline. */
  readonly effect: number | null;
  readonly interval: readonly [number, number] | null;
  /** Two-sided. */
  readonly p: number | null;
  readonly degrees: number | null;
  readonly standardError: number | null;
  readonly probabilityBetter: number | null;
  /** Seeds: pairs for the paired method. */
  readonly candidateSeeds: number;
  readonly baselineSeeds: number;
}

export const COMPARISON_VERDICTS = ['better', 'worse', 'not-told-apart', 'too-few'] as const;
export type Comparison = Check<(typeof COMPARISON_VERDICTS)[number], ComparisonNumbers>;

export interface ComparisonOptions {
  readonly direction: Direction;
  readonly thresholds?: Partial<Record<keyof typeof COMPARISON_THRESHOLDS, number>>;
}

/** Pairs by seed where every seed with a value occurs once on both sides. */
export function compareReplicates(
  candidate: readonly Run[],
  baseline: readonly Run[],
  { direction, thresholds }: ComparisonOptions,
): Comparison {
  const limits = { ...COMPARISON_THRESHOLDS, ...thresholds };
  const sign = direction === 'maximise' ? 1 : -1;
  const a = valuedOf(candidate, sign);
  const b = valuedOf(baseline, sign);
  const isPaired = samePairs(a, b);
  const counts = { candidateSeeds: a.length, baselineSeeds: b.length };
  const tail = (1 - limits.confidence) / 2;
  const found = isPaired ? paired(a, b) : welch(a, b);
  const behind = [...candidate, ...baseline].map(({ trial }) => trial);
  const method = isPaired ? 'paired' : 'welch';
  if (found === null || Math.min(a.length, b.length) < limits.fewestSeeds) {
    const nothing = {
      effect: null,
      interval: null,
      p: null,
      degrees: null,
      standardError: null,
      probabilityBetter: null,
    };
    const fewest = Math.min(a.length, b.length);
    const missing = Math.max(limits.fewestSeeds - a.length, 0) + Math.max(limits.fewestSeeds - b.length, 0);
    return {
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(fewest, 'seed')} on one side: at least ${limits.fewestSeeds} on both are needed to compare`,
      numbers: { method, ...nothing, ...counts },
      trials: behind,
      next: { action: 'replicate', text: `train ${showCount(missing, 'more seed')}`, trialCount: missing },
    };
  }
  const { effect, standardError, degrees } = found;
  const half = studentQuantile(1 - tail, degrees) * standardError;
  const interval = [effect - half, effect + half] as const;
  // Without any spread the sign is all there is.
  const t = standardError === 0 ? Math.sign(effect) * Infinity : effect / standardError;
  const p = standardError === 0 ? (effect === 0 ? 1 : 0) : 2 * studentCdf(-Math.abs(t), degrees);
  const numbers: ComparisonNumbers = {
    method,
    effect,
    interval,
    p,
    degrees,
    standardError,
    probabilityBetter: standardError === 0 ? (effect > 0 ? 1 : effect < 0 ? 0 : 0.5) : found.probabilityBetter(),
    ...counts,
  };
  const verdict = interval[0] > 0 ? 'better' : interval[1] < 0 ? 'worse' : 'not-told-apart';
  const how = isPaired ? `${a.length} seeds, paired` : `${a.length} and ${b.length} seeds`;
  const shown = `${effect >= 0 ? '+' : ''}${showNumber(effect)} [${showNumber(interval[0])}, ${showNumber(interval[1])}] over ${how}`;
  return {
    verdict,
    status: verdict === 'not-told-apart' ? 'caution' : 'pass',
    reason: `${shown}: ${verdict === 'not-told-apart' ? 'not told apart' : `the candidate is ${verdict}`} (P(better) ${showShare(numbers.probabilityBetter as number)})`,
    numbers,
    trials: behind,
    next:
      verdict === 'not-told-apart'
        ? { action: 'replicate', text: 'train both with as many seeds again', trialCount: a.length + b.length }
        : null,
  };
}

interface Valued {
  readonly seed: number;
  readonly value: number;
}

interface Found {
  readonly effect: number;
  readonly standardError: number;
  readonly degrees: number;
  readonly probabilityBetter: () => number;
}

function valuedOf(runs: readonly Run[], sign: number): readonly Valued[] {
  return runs.flatMap(({ seed, value }) =>
    value === null || !Number.isFinite(value) ? [] : [{ seed, value: sign * value }],
  );
}

function samePairs(a: readonly Valued[], b: readonly Valued[]): boolean {
  const seeds = new Set(a.map(({ seed }) => seed));
  return (
    a.length > 0 &&
    seeds.size === a.length &&
    a.length === b.length &&
    new Set(b.map(({ seed }) => seed)).size === b.length &&
    b.every(({ seed }) => seeds.has(seed))
  );
}

function paired(a: readonly Valued[], b: readonly Valued[]): Found | null {
  const other = new Map(b.map(({ seed, value }) => [seed, value]));
  const differences = a.map(({ seed, value }) => value - (other.get(seed) as number));
  const sd = standardDeviation(differences);
  if (sd === null) return null;
  const effect = mean(differences);
  const standardError = sd / Math.sqrt(differences.length);
  const degrees = differences.length - 1;
  return { effect, standardError, degrees, probabilityBetter: () => studentCdf(effect / standardError, degrees) };
}

function welch(a: readonly Valued[], b: readonly Valued[]): Found | null {
  const [left, right] = [a, b].map((side) => side.map(({ value }) => value)) as [number[], number[]];
  const [sdLeft, sdRight] = [standardDeviation(left), standardDeviation(right)];
  if (sdLeft === null || sdRight === null) return null;
  const [seLeft, seRight] = [sdLeft / Math.sqrt(left.length), sdRight / Math.sqrt(right.length)];
  const squared = seLeft ** 2 + seRight ** 2;
  const effect = mean(left) - mean(right);
  const degrees =
    squared === 0
      ? left.length + right.length - 2
      : squared ** 2 / (seLeft ** 4 / (left.length - 1) + seRight ** 4 / (right.length - 1));
  const probabilityBetter = (): number => {
    // The wider of the two is integrated over, so that the other never has a width of zero by chance.
    const isLeftWider = seLeft >= seRight;
    const [wide, narrow] = isLeftWider ? [seLeft, seRight] : [seRight, seLeft];
    const [wideDegrees, narrowDegrees] = isLeftWider
      ? [left.length - 1, right.length - 1]
      : [right.length - 1, left.length - 1];
    let sum = 0;
    for (let i = 0; i < QUANTILES; i++) {
      const gap = effect + wide * studentQuantile((i + 0.5) / QUANTILES, wideDegrees);
      sum += narrow === 0 ? (gap > 0 ? 1 : 0) : studentCdf(gap / narrow, narrowDegrees);
    }
    return sum / QUANTILES;
  };
  return { effect, standardError: Math.sqrt(squared), degrees, probabilityBetter };
}

/** Midpoints of the integration: the error is below 1e-4. */
const QUANTILES = 400;
