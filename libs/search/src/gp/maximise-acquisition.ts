/**
 * Finds a point of high acquisition: many scattered candidates and some near the best known, a few of them polished. Polishing
 * alternates projected L-BFGS on the continuous coordinates with an exhaustive pass over each discrete one (a search over a
 * relaxed discrete coordinate would stop between its values), as Optuna's optim_mixed.py does.
 */
import type { Rng } from '@kinetune/study';
import { minimise } from '../numeric/lbfgs.ts';
import type { Acquisition } from './acquisition.ts';
import type { FeatureSpace } from './feature-space.ts';

export interface AcquisitionSearch {
  readonly features: FeatureSpace;
  /** Scattered over the whole space. */
  readonly candidates: readonly Float64Array[];
  /** Best known points, best first: starts of their own, and centres of local candidates. */
  readonly incumbents: readonly Float64Array[];
  readonly accepts: (x: Float64Array) => boolean;
  readonly rng: Rng;
}

const STARTS = 10;
const ROUNDS = 10;
const POLISH_ITERATIONS = 40;
const LARGEST_EXHAUSTIVE = 64;
const LOCAL_SPREADS = [0.1, 0.02, 0.003];
const LOCAL_EACH = 16;

/** Points in falling order of acquisition; the first is the best found. Empty when no candidate is accepted. */
export function maximiseAcquisition(acquisition: Acquisition, search: AcquisitionSearch): Float64Array[] {
  const { features, incumbents, accepts, rng } = search;
  const scored = [...search.candidates, ...incumbents.slice(0, 4).flatMap((x) => neighbours(x, features, rng))]
    .filter(accepts)
    .map((x) => ({ x, value: acquisition.value(x) }))
    .sort((a, b) => b.value - a.value);
  const starts = chooseStarts(scored, rng);
  const best = incumbents[0];
  if (best !== undefined && accepts(best)) starts.push({ x: best, value: acquisition.value(best) });
  const polished = starts.map((start) => polish(acquisition, start, features, accepts));
  return [...polished, ...scored].sort((a, b) => b.value - a.value).map(({ x }) => x);
}

interface Scored {
  readonly x: Float64Array;
  readonly value: number;
}

/** The best, then by softmax roulette without replacement (Gumbel's trick): good regions are visited more than once. */
function chooseStarts(scored: readonly Scored[], rng: Rng): Scored[] {
  const [first, ...others] = scored;
  if (first === undefined) return [];
  const drawn = others
    .map((candidate) => ({ candidate, key: candidate.value - Math.log(-Math.log(rng.next() || 1e-300)) }))
    .sort((a, b) => b.key - a.key)
    .slice(0, STARTS - 1);
  return [first, ...drawn.map(({ candidate }) => candidate)];
}

function neighbours(x: Float64Array, features: FeatureSpace, rng: Rng): Float64Array[] {
  return LOCAL_SPREADS.flatMap((spread) =>
    Array.from({ length: LOCAL_EACH }, () =>
      x.map((coordinate, i) => {
        const count = features.valueCounts[i] as number;
        // Half of the coordinates stay, so that a good one is not lost with a bad one.
        if (rng.next() < 0.5) return coordinate;
        if (features.isCategorical[i] === 1) return rng.integer(count);
        const moved = Math.min(Math.max(coordinate + spread * rng.normal(), 0), 1);
        return Number.isFinite(count) ? nearest(features.positions(i), moved) : moved;
      }),
    ),
  );
}

function nearest(positions: Float64Array, x: number): number {
  return positions.reduce((best, position) => (Math.abs(position - x) < Math.abs(best - x) ? position : best));
}

function polish(
  acquisition: Acquisition,
  start: Scored,
  features: FeatureSpace,
  accepts: (x: Float64Array) => boolean,
): Scored {
  let current = start;
  for (let round = 0; round < ROUNDS; round++) {
    const before = current.value;
    current = polishContinuous(acquisition, current, features, accepts);
    const hasDiscrete = features.valueCounts.some(Number.isFinite);
    if (!hasDiscrete) break;
    current = polishDiscrete(acquisition, current, features, accepts);
    if (current.value <= before + 1e-6) break;
  }
  return current;
}

function polishContinuous(
  acquisition: Acquisition,
  start: Scored,
  features: FeatureSpace,
  accepts: (x: Float64Array) => boolean,
): Scored {
  const active = features.activeDimensions(start.x);
  const free = features.valueCounts.flatMap((count, i) => (count === Infinity && active[i] === true ? [i] : []));
  if (free.length === 0) return start;
  const whole = start.x.slice();
  const gradient = new Float64Array(whole.length);
  const { x, value } = minimise(
    (point) => {
      free.forEach((dimension, i) => (whole[dimension] = point[i] as number));
      const acquired = acquisition.valueAndGradient(whole, gradient);
      return { value: -acquired, gradient: Float64Array.from(free, (dimension) => -(gradient[dimension] as number)) };
    },
    free.map((dimension) => start.x[dimension] as number),
    {
      lower: new Float64Array(free.length),
      upper: new Float64Array(free.length).fill(1),
      maximumIterations: POLISH_ITERATIONS,
      tolerance: 1e-4,
    },
  );
  const end = start.x.slice();
  free.forEach((dimension, i) => (end[dimension] = x[i] as number));
  return -value > start.value && accepts(end) ? { x: end, value: -value } : start;
}

function polishDiscrete(
  acquisition: Acquisition,
  start: Scored,
  features: FeatureSpace,
  accepts: (x: Float64Array) => boolean,
): Scored {
  let current = start;
  features.valueCounts.forEach((count, dimension) => {
    if (!Number.isFinite(count) || features.activeDimensions(current.x)[dimension] !== true) return;
    for (const position of nearbyPositions(features.positions(dimension), current.x[dimension] as number)) {
      const x = current.x.slice();
      x[dimension] = position;
      if (!accepts(x)) continue;
      const value = acquisition.value(x);
      if (value > current.value) current = { x, value };
    }
  });
  return current;
}

/** All positions of a short grid; of a long one those around the current and a scatter over the rest. */
function nearbyPositions(positions: Float64Array, current: number): Float64Array {
  if (positions.length <= LARGEST_EXHAUSTIVE) return positions;
  const stride = Math.ceil(positions.length / (LARGEST_EXHAUSTIVE / 2));
  const at = positions.findIndex((position) => position >= current);
  return positions.filter((_, i) => i % stride === 0 || Math.abs(i - at) <= LARGEST_EXHAUSTIVE / 4);
}
