/**
 * The good and the bad results. Order: observed ones by objective, then pruned ones by how far they came and the objective there,
 * then infeasible ones, which count observed ones without a finite objective. The good ones are the first 15 % of it, at most 25.
 * What is still running counts as bad, so that it is not suggested again (constant liar).
 *
 * Where values are given, results count by how much they say about these (`relevance.ts`): the good ones are then the best among
 * results like the one that is asked for, however bad its branch is next to others.
 */
import type { Values } from '@kinetune/study';
import type { SuggestionRequest } from '../sampler.ts';
import type { RankedValues } from './local-regression.ts';
import { createRelevance } from './relevance.ts';

const GOOD_SHARE = 0.15;
const LARGEST_GOOD = 25;

export interface WeightedValues {
  readonly values: Values;
  readonly weight: number;
}

export interface SplitHistory {
  readonly good: readonly WeightedValues[];
  /** The prior's weight next to the good ones: their mean. */
  readonly goodPriorWeight: number;
  readonly bad: readonly WeightedValues[];
  /** All that finished, best first. */
  readonly ranked: readonly RankedValues[];
}

interface Ranked extends RankedValues {
  readonly relevance: number;
}

export function splitHistory({ space, history, direction, given = {} }: SuggestionRequest): SplitHistory {
  const sign = direction === 'minimise' ? 1 : -1;
  const finite = history.observed.filter(({ objective }) => Number.isFinite(objective));
  const diverged = history.observed.filter(({ objective }) => !Number.isFinite(objective));
  const pruned = [...(history.pruned ?? [])].sort(
    (a, b) => b.progress - a.progress || sign * (a.objective - b.objective),
  );
  const failed = [...pruned, ...diverged].map(({ values }) => values).concat(history.infeasible);
  const total = finite.length + failed.length;
  const relevanceOf = createRelevance(space, given, total);
  const ranked: readonly Ranked[] = [
    ...finite
      .map(({ values, objective }) => ({ values, loss: sign * objective, relevance: relevanceOf(values) }))
      .sort((a, b) => a.loss - b.loss),
    ...failed.map((values) => ({ values, loss: undefined, relevance: relevanceOf(values) })),
  ];
  const largest = ranked.reduce((most, { relevance }) => Math.max(most, relevance), Number.MIN_VALUE);
  const scaled = ranked.map((one) => ({ ...one, relevance: one.relevance / largest }));
  const count = goodCount(scaled, finite.length + pruned.length);
  const good = weighGood(scaled.slice(0, count), scaled[count]?.loss);
  const goodRelevance = scaled.slice(0, count).reduce((sum, { relevance }) => sum + relevance, 0);
  return {
    good,
    goodPriorWeight: good.reduce((sum, { weight }) => sum + weight, 0) / goodRelevance,
    bad: [
      ...scaled.slice(count).map(({ values, relevance }) => ({ values, weight: relevance })),
      ...history.pending.map((values) => ({ values, weight: Math.min(relevanceOf(values) / largest, 1) })),
    ],
    ranked,
  };
}

/** The fewest, best first, that have the share of all the relevance; one at least, and one is left to be bad. */
function goodCount(ranked: readonly Ranked[], eligible: number): number {
  const limit = Math.min(GOOD_SHARE * ranked.reduce((sum, { relevance }) => sum + relevance, 0), LARGEST_GOOD);
  let count = 0;
  for (let sum = 0; sum < limit - 1e-9 && count < Math.min(eligible, ranked.length - 1); count++) {
    sum += (ranked[count] as Ranked).relevance;
  }
  return count;
}

/** An observed one weighs by how much it improves on the best of the bad ones; one without a loss as the least of them. */
function weighGood(good: readonly Ranked[], threshold: number | undefined): WeightedValues[] {
  const losses = good.map(({ loss }) => loss).filter((loss) => loss !== undefined);
  const boundary = threshold ?? Math.max(...losses);
  const improvements = losses.map((loss) => Math.max(boundary - loss, 1e-12));
  const least = Math.min(...improvements);
  return good.map(({ values, relevance }, i) => ({ values, weight: relevance * (improvements[i] ?? least) }));
}
