/**
 * The table of the original study: for each hyperparameter the region that was explored, and the region where accuracy was
 * high. It was read there as the effect of the hyperparameter; it is not. Where sampling was dense is the sampler's doing, and
 * a region of high values from few trials moves with every new one: so both columns carry their counts.
 */
import {
  unitMapping,
  valueFromUnit,
  type CategoricalDomain,
  type Direction,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
} from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { rankTrials, topCount } from './rank-trials.ts';

export const REGIONS_CAVEAT =
  'Where many trials lie is where the sampler put them, not an effect of the hyperparameter; the region of high values is the range of the top trials, other hyperparameters varying with it.';

/** One fifth of a numeric domain in its own scale, or one choice of a categorical one. */
export interface Bucket {
  readonly label: HyperparameterValue;
  /** Ends of a numeric bucket. */
  readonly from?: number;
  readonly to?: number;
  /** Trials that gave a result there, the infeasible among them, and the top ones among them. */
  readonly trials: number;
  readonly infeasible: number;
  readonly top: number;
}

interface RegionBase {
  readonly name: string;
  /** Trials that gave a result in which this hyperparameter was active. */
  readonly trials: number;
  readonly buckets: readonly Bucket[];
  /** Numbers of the top trials in which it was active, best first. */
  readonly topTrials: readonly number[];
}

export interface NumericRegion extends RegionBase {
  readonly type: 'numeric';
  /** The middle 80 % of the sampled values (10th to 90th percentile); null without trials. */
  readonly explored: readonly [number, number] | null;
  /** Lowest and highest value of the top trials; null when none of them has it. */
  readonly high: readonly [number, number] | null;
}

export interface CategoricalRegion extends RegionBase {
  readonly type: 'categorical';
  readonly explored: readonly HyperparameterValue[];
  /** Values of the top trials, the most frequent first. */
  readonly high: readonly HyperparameterValue[];
}

export type Region = NumericRegion | CategoricalRegion;

const BUCKETS = 5;

/** A region for each hyperparameter, in the order of the space. Trials that are queued, running or failed tell nothing. */
export function regions(space: Space, trials: readonly AnalysedTrial[], direction: Direction): readonly Region[] {
  const finished = trials.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE');
  const ranked = rankTrials(finished, direction);
  const top = ranked.slice(0, topCount(ranked.length));
  return space.hyperparameters.map((hyperparameter) => regionOf(hyperparameter, finished, top));
}

function regionOf(
  { name, domain }: Hyperparameter,
  finished: readonly AnalysedTrial[],
  top: readonly AnalysedTrial[],
): Region {
  const active = finished.filter(({ values }) => Object.hasOwn(values, name));
  const topActive = top.filter(({ values }) => Object.hasOwn(values, name));
  const base = { name, trials: active.length, topTrials: topActive.map(({ number }) => number) };
  if (domain.type === 'categorical') {
    const buckets = choiceBuckets(name, domain, { active, top: topActive });
    return {
      ...base,
      type: 'categorical',
      buckets,
      explored: buckets.filter((bucket) => bucket.trials > 0).map(({ label }) => label),
      high: buckets
        .filter((bucket) => bucket.top > 0)
        .sort((a, b) => b.top - a.top)
        .map(({ label }) => label),
    };
  }
  const unitOf = unitMapping(domain);
  const bucketOf = ({ values }: AnalysedTrial): number =>
    Math.min(Math.floor(unitOf(values[name] as number) * BUCKETS), BUCKETS - 1);
  const inBuckets = Map.groupBy(active, bucketOf);
  const topInBuckets = Map.groupBy(topActive, bucketOf);
  const buckets = Array.from({ length: BUCKETS }, (_, index): Bucket => {
    const from = valueFromUnit(domain, index / BUCKETS) as number;
    const to = valueFromUnit(domain, (index + 1) / BUCKETS) as number;
    const counts = countsOf(inBuckets.get(index) ?? [], topInBuckets.get(index) ?? []);
    return { label: `${from} to ${to}`, from, to, ...counts };
  });
  const sampled = Float64Array.from(active, ({ values }) => values[name] as number).sort();
  const best = topActive.map(({ values }) => values[name] as number);
  return {
    ...base,
    type: 'numeric',
    buckets,
    explored: sampled.length === 0 ? null : middle(sampled),
    high: best.length === 0 ? null : [Math.min(...best), Math.max(...best)],
  };
}

interface Groups {
  readonly active: readonly AnalysedTrial[];
  readonly top: readonly AnalysedTrial[];
}

function choiceBuckets(name: string, { choices }: CategoricalDomain, { active, top }: Groups): readonly Bucket[] {
  const isIn =
    (label: HyperparameterValue) =>
    ({ values }: AnalysedTrial): boolean =>
      values[name] === label;
  return choices.map((label) => ({ label, ...countsOf(active.filter(isIn(label)), top.filter(isIn(label))) }));
}

function countsOf(
  inside: readonly AnalysedTrial[],
  topInside: readonly AnalysedTrial[],
): Pick<Bucket, 'trials' | 'infeasible' | 'top'> {
  return {
    trials: inside.length,
    infeasible: inside.filter(({ state }) => state === 'INFEASIBLE').length,
    top: topInside.length,
  };
}

/** Ends of the middle 80 %: a tenth of the values lie outside on each side, rounded down. */
function middle(sorted: Float64Array): readonly [number, number] {
  const outside = Math.floor(sorted.length / 10);
  return [sorted[outside] as number, sorted[sorted.length - 1 - outside] as number];
}
