/**
 * Finds a point of high acquisition: many scattered candidates and some near the best known, a few of them polished. Polishing
 * alternates projected L-BFGS on the continuous coordinates and the long grids (relaxed, then rounded) with a search of each discrete
 * coordinate in turn: exhaustive when short or categorical, else by steps that halve along its grid; as Optuna's optim_mixed.py,
 * whose line search on a long grid is Brent's.
 */
import type { Rng } from '@kinetune/study';
import { minimise } from '../numeric/lbfgs.ts';
import type { Acquisition } from './acquisition.ts';
import { nearestPlace, type FeatureSpace } from './feature-space.ts';

export interface AcquisitionSearch {
  readonly features: FeatureSpace;
  /** Best known points, best first: starts of their own, and centres of local candidates. */
  readonly incumbents: readonly Float64Array[];
  /** Whether a point may be suggested; every point when left out. */
  readonly accepts?: (x: Float64Array) => boolean;
  readonly rng: Rng;
}

const CANDIDATES = 512;
const STARTS = 6;
const ROUNDS = 4;
const POLISH_ITERATIONS = 40;
const LARGEST_EXHAUSTIVE = 16;
const CENTRES = 4;
const LOCAL_SPREADS = [0.1, 0.02, 0.003];
const LOCAL_EACH = 16;

interface Scored {
  readonly x: Float64Array;
  readonly value: number;
}

/** The best point found; undefined when no candidate is accepted. */
export function maximiseAcquisition(acquisition: Acquisition, search: AcquisitionSearch): Float64Array | undefined {
  const { features, incumbents, rng } = search;
  const isAccepted = search.accepts ?? (() => true);
  const scattered = Array.from({ length: CANDIDATES }, () => features.draw(rng));
  const local = incumbents.slice(0, CENTRES).flatMap((x) => neighbours(x, features, rng));
  const scored = [...incumbents.slice(0, 1), ...scattered, ...local]
    .filter(isAccepted)
    .map((x) => ({ x, value: acquisition.value(features.canonical(x)) }));
  const climb = createClimb(acquisition, features, isAccepted);
  return best([...scored, ...chooseStarts(scored, rng).map(climb)])?.x;
}

function best(points: readonly Scored[]): Scored | undefined {
  return points.reduce<Scored | undefined>((a, b) => (a === undefined || b.value > a.value ? b : a), undefined);
}

/** The best, then by softmax roulette without replacement (Gumbel's trick): good regions are visited more than once. */
function chooseStarts(scored: readonly Scored[], rng: Rng): Scored[] {
  const first = best(scored);
  if (first === undefined) return [];
  const drawn = scored
    .filter((candidate) => candidate !== first)
    .map((candidate) => ({ candidate, key: candidate.value - Math.log(-Math.log(rng.next() || Number.MIN_VALUE)) }))
    .sort((a, b) => b.key - a.key)
    .slice(0, STARTS - 1);
  return [first, ...drawn.map(({ candidate }) => candidate)];
}

/** Points around `x`; half of the coordinates stay, so that a good one is not lost with a bad one. */
function neighbours(x: Float64Array, features: FeatureSpace, rng: Rng): Float64Array[] {
  return LOCAL_SPREADS.flatMap((spread) =>
    Array.from({ length: LOCAL_EACH }, () => {
      const other = features.draw(rng);
      return x.map((coordinate, i) => {
        if (rng.next() < 0.5) return coordinate;
        if (features.isCategorical[i] === 1) return other[i] as number;
        const moved = Math.min(Math.max(coordinate + spread * rng.normal(), 0), 1);
        const places = features.positions[i];
        return places === undefined ? moved : nearestPlace(places, moved);
      });
    }),
  );
}

/** A local search from a point; never worse than its start. */
function createClimb(
  acquisition: Acquisition,
  features: FeatureSpace,
  isAccepted: (x: Float64Array) => boolean,
): (start: Scored) => Scored {
  const { positions, isCategorical, dimensions } = features;
  const all = Array.from({ length: dimensions }, (_, i) => i);
  const countOf = (i: number): number => positions[i]?.length ?? Infinity;
  const isRelaxed = (i: number): boolean => isCategorical[i] === 0 && countOf(i) > LARGEST_EXHAUSTIVE;
  const discrete = all.filter((i) => countOf(i) > 1 && countOf(i) < Infinity);
  const score = (x: Float64Array): Scored => ({ x, value: acquisition.value(features.canonical(x)) });
  const better = (x: Float64Array, current: Scored): Scored => {
    if (!isAccepted(x)) return current;
    const scored = score(x);
    return scored.value > current.value ? scored : current;
  };

  const climbRelaxed = (start: Scored): Scored => {
    const free = all.filter((i) => isRelaxed(i) && features.isActive(start.x, i));
    if (free.length === 0) return start;
    const whole = start.x.slice();
    const gradient = new Float64Array(dimensions);
    const { x } = minimise(
      (point) => {
        free.forEach((dimension, i) => (whole[dimension] = point[i] as number));
        // What must not be suggested is no place to stop at: the search steps back from it.
        if (!isAccepted(features.nearest(whole))) return { value: Infinity, gradient: new Float64Array(free.length) };
        const value = acquisition.valueAndGradient(features.canonical(whole), gradient);
        return { value: -value, gradient: Float64Array.from(free, (dimension) => -(gradient[dimension] as number)) };
      },
      free.map((dimension) => start.x[dimension] as number),
      {
        lower: new Float64Array(free.length),
        upper: new Float64Array(free.length).fill(1),
        maximumIterations: POLISH_ITERATIONS,
        tolerance: 1e-4,
      },
    );
    free.forEach((dimension, i) => (whole[dimension] = x[i] as number));
    return better(features.nearest(whole), start);
  };

  const climbDiscrete = (start: Scored): Scored =>
    discrete.reduce((current, i) => {
      if (!features.isActive(current.x, i)) return current;
      return isRelaxed(i) ? climbAlong(current, i) : tryAll(current, i);
    }, start);
  const tryAll = (start: Scored, dimension: number): Scored =>
    (positions[dimension] as Float64Array).reduce(
      (current, place) => (place === start.x[dimension] ? current : better(moved(start.x, dimension, place), current)),
      start,
    );
  const climbAlong = (start: Scored, dimension: number): Scored => {
    const places = positions[dimension] as Float64Array;
    let current = start;
    for (let step = places.length >> 2; step >= 1; step >>= 1) {
      const at = places.indexOf(current.x[dimension] as number);
      for (const place of [places[at - step], places[at + step]])
        if (place !== undefined) current = better(moved(current.x, dimension, place), current);
    }
    return current;
  };

  return (start) => {
    let current = start;
    for (let round = 0; round < ROUNDS; round++) {
      const before = current.value;
      current = climbDiscrete(climbRelaxed(current));
      if (discrete.length === 0 || current.value <= before + 1e-6) break;
    }
    return current;
  };
}

function moved(x: Float64Array, dimension: number, place: number): Float64Array {
  const other = x.slice();
  other[dimension] = place;
  return other;
}
