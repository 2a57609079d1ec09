/**
 * The same configuration trained with several seeds: how much a retrain varies (Deep Learning Tuning Playbook, "Determining
 * whether to adopt a training pipeline change or hyperparameter configuration"; practice 71). Runs whose configuration differs, or
 * whose seed repeats, are no replicates and are refused as evidence.
 */
import type { Check } from './check.ts';
import { mean, standardDeviation } from './statistics/moments.ts';
import { chiSquareQuantile, studentQuantile } from './statistics/distributions.ts';
import { showCount, showNumber } from './wording.ts';

export const REPLICATE_THRESHOLDS = {
  /** Fewer seeds give an interval too wide to use. */
  fewestSeeds: 3,
  confidence: 0.95,
} as const;

export interface Run {
  /** The trial's number. */
  readonly trial: number;
  readonly seed: number;
  /** Whatever tells configurations apart: a hash, or a number. */
  readonly configuration: string | number;
  /** The objective at the best step; null where the run has none. */
  readonly value: number | null;
}

export interface ReplicateNumbers {
  /** Runs with a value. */
  readonly count: number;
  readonly seeds: readonly number[];
  readonly values: readonly number[];
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  /** Of the mean: Student's t. */
  readonly interval: readonly [number, number] | null;
  /** Of the standard deviation: chi-square. */
  readonly standardDeviationInterval: readonly [number, number] | null;
  /** Runs without a value: a configuration that fails with some seeds is not the same as one that never does. */
  readonly without: number;
}

export const REPLICATE_VERDICTS = ['measured', 'too-few', 'not-replicates'] as const;
export type Replicates = Check<(typeof REPLICATE_VERDICTS)[number], ReplicateNumbers>;

export interface ReplicateOptions {
  readonly thresholds?: Partial<Record<keyof typeof REPLICATE_THRESHOLDS, number>>;
}

export function replicates(runs: readonly Run[], { thresholds }: ReplicateOptions = {}): Replicates {
  const limits = { ...REPLICATE_THRESHOLDS, ...thresholds };
  const valued = runs.filter(
    (run): run is Run & { readonly value: number } => run.value !== null && Number.isFinite(run.value),
  );
  const values = valued.map(({ value }) => value);
  const count = values.length;
  const sd = standardDeviation(values);
  const tail = (1 - limits.confidence) / 2;
  const middle = count === 0 ? null : mean(values);
  const half = sd === null ? null : (studentQuantile(1 - tail, count - 1) * sd) / Math.sqrt(count);
  const numbers: ReplicateNumbers = {
    count,
    seeds: valued.map(({ seed }) => seed),
    values,
    mean: middle,
    standardDeviation: sd,
    interval: middle === null || half === null ? null : [middle - half, middle + half],
    standardDeviationInterval:
      sd === null
        ? null
        : [
            sd * Math.sqrt((count - 1) / chiSquareQuantile(1 - tail, count - 1)),
            sd * Math.sqrt((count - 1) / chiSquareQuantile(tail, count - 1)),
          ],
    without: runs.length - count,
  };
  const base = { numbers, trials: runs.map(({ trial }) => trial) };
  const configurations = new Set(runs.map(({ configuration }) => configuration)).size;
  const repeated = runs.length - new Set(runs.map(({ seed }) => seed)).size;
  if (configurations > 1 || repeated > 0) {
    const why =
      configurations > 1
        ? `expected one configuration, got ${configurations}`
        : `expected a seed of its own for each run, ${showCount(repeated, 'run')} repeat${repeated === 1 ? 's' : ''} one`;
    const text = 'compare runs of one configuration, each with another seed';
    return { ...base, verdict: 'not-replicates', status: 'fail', reason: why, next: { action: 'replicate', text } };
  }
  if (middle === null || sd === null || numbers.interval === null || count < limits.fewestSeeds) {
    const missing = limits.fewestSeeds - count;
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(count, 'seed')} with a value: at least ${limits.fewestSeeds} are needed to know how a retrain varies`,
      next: { action: 'replicate', text: `train it with ${showCount(missing, 'more seed')}`, trialCount: missing },
    };
  }
  const [low, high] = numbers.interval;
  const lost = numbers.without === 0 ? '' : `; ${numbers.without} more gave no value`;
  const reason = `${showNumber(middle)} [${showNumber(low)}, ${showNumber(high)}], retrain noise ±${showNumber(sd)} over ${count} seeds${lost}`;
  return { ...base, verdict: 'measured', status: numbers.without === 0 ? 'pass' : 'caution', reason, next: null };
}
