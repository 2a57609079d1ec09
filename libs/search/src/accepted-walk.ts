/**
 * The configurations of a sequence of points that satisfy the constraints, in order of appearance; in a space of finitely many,
 * each once. What stands at a rank is a function of (space, given, engine, seed) alone.
 *
 * Reaching rank r takes about r / share of points that are accepted. How far a sequence was walked is kept while its space and
 * its constraints live, so that a study walks it once; that is speed alone: it changes no result, as `accepts` is a function.
 */
import { createRng, permutation, type Space, type Values } from '@kinetune/study';
import { configurationKey } from './configuration-key.ts';
import { finiteSpace } from './halton/finite-space.ts';
import { pinnedSpace } from './pinned-space.ts';
import type { PointEngine } from './point-engine.ts';
import { valuesFromPoints } from './values-from-points.ts';

/** Points in a row that bring nothing, after which the search for another ends. */
export const DRAWS = 10_000;
/** Configurations up to which a finite space is listed when its points bring nothing new. */
const LARGEST_LISTED = 1_000_000;
/** Sequences remembered of one space; given values make more of them. */
const WALKS_KEPT = 1024;

export interface AcceptedWalk {
  /** Configurations of the space, accepted or not; Infinity with a continuous hyperparameter. */
  readonly count: number;
  /** The configuration at a rank from 0; null when there is none, or none was found in `DRAWS` points. */
  at(rank: number): Values | null;
  /** Whether `at` is null because every configuration was looked at. */
  isListed(): boolean;
}

export interface WalkOptions {
  readonly engine: PointEngine;
  readonly space: Space;
  readonly seed: number;
  readonly accepts: ((values: Values) => boolean) | undefined;
  readonly given: Values | undefined;
}

const walksOfSpace = new WeakMap<Space, WeakMap<object, Map<string, AcceptedWalk>>>();

export function acceptedWalk(options: WalkOptions): AcceptedWalk {
  const { engine, space, seed, accepts, given } = options;
  const ofSpace = walksOfSpace.get(space) ?? new WeakMap<object, Map<string, AcceptedWalk>>();
  walksOfSpace.set(space, ofSpace);
  const walks = ofSpace.get(accepts ?? space) ?? new Map<string, AcceptedWalk>();
  ofSpace.set(accepts ?? space, walks);
  const key = JSON.stringify([engine.name, engine.version, seed, given]);
  const known = walks.get(key);
  if (known !== undefined) return known;
  const walk = createWalk(options);
  const [oldest] = walks.keys();
  if (walks.size >= WALKS_KEPT && oldest !== undefined) walks.delete(oldest);
  walks.set(key, walk);
  return walk;
}

function createWalk({ engine, space: whole, seed, accepts, given }: WalkOptions): AcceptedWalk {
  const space = given === undefined ? whole : pinnedSpace(whole, given);
  const { count, at: configurationAt } = finiteSpace(space);
  const pointAt = engine.points({ seed, dimensions: space.hyperparameters.length });
  const valuesFrom = valuesFromPoints(whole, given);
  const found: Values[] = [];
  const seen = new Set<string>();
  let position = 0;
  let state: 'walking' | 'listed' | 'given-up' = 'walking';

  /** Doubles do not repeat, so that only a finite space has to remember. */
  const isNew = (values: Values): boolean => {
    if (count === Infinity) return true;
    const before = seen.size;
    return seen.add(configurationKey(values)).size > before;
  };
  const findNext = (): void => {
    // The last few of a finite space would take a sequence long to hit.
    for (let draw = 0; draw < DRAWS && position < 2 * count; draw++) {
      const values = valuesFrom(pointAt(position++));
      if (isNew(values) && (accepts?.(values) ?? true)) {
        found.push(values);
        return;
      }
    }
    state = count > LARGEST_LISTED ? 'given-up' : 'listed';
    if (state === 'given-up') return;
    for (const cell of permutation(count, createRng(engine.name, engine.version, seed, 'rest'))) {
      const values = configurationAt(cell);
      if (isNew(values) && (accepts?.(values) ?? true)) found.push(values);
    }
  };
  return {
    count,
    at(rank) {
      if (count === Infinity && accepts === undefined) return valuesFrom(pointAt(rank));
      while (found.length <= rank && state === 'walking') findNext();
      return found[rank] ?? null;
    },
    isListed: () => state === 'listed',
  };
}
