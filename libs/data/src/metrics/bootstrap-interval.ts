import { InputError, type Rng } from '@kinetune/study';
import { quantile } from '../quantile.ts';

export interface Interval {
  /** The statistic on all groups as they are. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile interval of a statistic over people (Efron & Tibshirani 1993, ch. 13; a cluster bootstrap): whole people
 * are drawn with replacement, because windows of one person are not independent. With few people it is too narrow;
 * with fewer than two there is nothing to draw and it is refused.
 *
 * @param groups one entry a person, e.g. `subjectScores`.
 * @param statistic of any list of groups, repetitions included.
 */
export function bootstrapInterval<Group>(
  groups: readonly Group[],
  statistic: (drawn: readonly Group[]) => number,
  options: { readonly rng: Rng; readonly level?: number; readonly resamples?: number },
): Interval {
  const { rng, level = 0.95, resamples = 2000 } = options;
  if (groups.length < 2) {
    throw new InputError('bootstrap-groups', `an interval over people needs at least 2 of them, got ${groups.length}`);
  }
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    values[r] = statistic(groups.map(() => groups[rng.integer(groups.length)] as Group));
  }
  values.sort();
  return {
    estimate: statistic(groups),
    low: quantile(values, (1 - level) / 2),
    high: quantile(values, (1 + level) / 2),
  };
}
