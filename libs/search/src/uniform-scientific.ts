/**
 * Scientific hyperparameters get even values whatever the sampler (Deep Learning Tuning Playbook: a comparison is fair when every
 * value of what is compared had the same search over the rest; practice 31). Their choices follow a balanced design
 * (`scientific-design.ts`), numeric ones the scrambled Halton sequence, and the sampler completes them.
 *
 * Each stratum, a combination of choices, counts its configurations from 0 and has a seed of its own, which the sampler sees as
 * index and seed: a quasi-random one covers the rest of the space evenly within each stratum. Dealing one sequence out to the
 * strata in turn would not: of two strata, one would get all the points whose base-2 coordinate lies below the middle.
 *
 * A stratum with no configuration that satisfies the constraints, or none that was not suggested, is passed over: the next one of the
 * design takes its turn. All of it is a function of (space, seed, index), as far as the sampler is one.
 */
import { deriveSeed, type HyperparameterValue, type Values } from '@kinetune/study';
import { acceptedWalk, type AcceptedWalk } from './accepted-walk.ts';
import { configurationKey } from './configuration-key.ts';
import { haltonEngine } from './halton/halton-sequence.ts';
import { suggestedBefore, valuesWithin } from './history-within.ts';
import type { Sampler, Suggestion, SuggestionRequest } from './sampler.ts';
import { scientificDesign, type ScientificDesign } from './scientific-design.ts';

/** Configurations of a stratum beyond which it is not counted how many there are: nobody uses them up. */
const LARGEST_COUNTED = 10_000;

interface UniformScientificOptions {
  /** Whether the sampler's own points are even in every hyperparameter: then numeric scientific ones are left to it. */
  readonly isEven?: boolean;
}

/** A stratum as the sampler is asked for it. */
interface Stratum {
  readonly values: Values;
  readonly seed: number;
}

interface Place {
  readonly stratum: Stratum;
  /** Counts the stratum's configurations from 0. */
  readonly rank: number;
}

export function withUniformScientific(sampler: Sampler, { isEven = false }: UniformScientificOptions = {}): Sampler {
  return (request) => {
    const { space, seed, given = {} } = request;
    const open = space.hyperparameters.filter(({ name, role }) => role === 'scientific' && !Object.hasOwn(given, name));
    if (open.length === 0) return sampler(request);
    const design = scientificDesign(space, seed, given);
    const isDesigned = design.strata.length > 1;
    const leftOver = isEven ? [] : open.map(({ name }) => name).filter((name) => !design.decides(name));
    if (!isDesigned && leftOver.length === 0) return sampler(request);

    const strata = strataOf(design, request);
    const place = placeAt(strata, request);
    const ask = ({ stratum, rank }: Place, numeric: Values): Suggestion | null => {
      const pinned = { ...given, ...stratum.values, ...numeric };
      const suggestion = sampler({ ...request, given: pinned, seed: stratum.seed, index: rank });
      if (suggestion === null) return null;
      const names = Object.keys({ ...stratum.values, ...numeric }).join(', ');
      return { ...suggestion, reason: `${suggestion.reason}; scientific values follow an even design: ${names}` };
    };
    if (place === 'none-accepted') return sampler(request);
    // Beyond the last place all were suggested, unless the index counts configurations of other given values or another space.
    if (place === null && request.given === undefined && !isOtherSpace(request)) return null;
    if (place !== null) {
      const numeric = leftOver.length === 0 ? {} : evenValues(leftOver, place, request);
      const suggestion = ask(leftOver.length === 0 ? place : placeAmongEqual(leftOver, place, request), numeric);
      if (suggestion !== null) return suggestion;
    }
    const start = place === null ? 0 : strata.indexOf(place.stratum) + 1;
    for (let step = 0; step < strata.length; step++) {
      const other = ask({ stratum: strata[(start + step) % strata.length] as Stratum, rank: request.index }, {});
      if (other !== null) return other;
    }
    return null;
  };
}

/** One for each entry of the design; entries of the same values are the same object. */
function strataOf(design: ScientificDesign, { space, seed }: SuggestionRequest): readonly Stratum[] {
  const byKey = new Map<string, Stratum>();
  return design.strata.map((values) => {
    const key = configurationKey(values);
    // A new version of the space counts its strata anew: with the old seed they would begin with what they had.
    const ownSeed = design.strata.length === 1 ? seed : deriveSeed('scientific', seed, space.version, key);
    const stratum = byKey.get(key) ?? { values, seed: ownSeed };
    byKey.set(key, stratum);
    return stratum;
  });
}

/** Where the index-th configuration belongs, passing over strata that have no more; null when no stratum has. */
function placeAt(strata: readonly Stratum[], request: SuggestionRequest): Place | 'none-accepted' | null {
  const capacities = new Map(strata.map((stratum) => [stratum, capacityOf(stratum, request)]));
  if ([...capacities.values()].every((capacity) => capacity === 0)) return 'none-accepted';
  const visits = new Map<Stratum, number>();
  let left = request.index;
  for (let lastTaken = 0, at = 0; at - lastTaken <= strata.length; at++) {
    const stratum = strata[at % strata.length] as Stratum;
    const rank = visits.get(stratum) ?? 0;
    if (rank >= (capacities.get(stratum) as number)) continue;
    if (left === 0) return { stratum, rank };
    left--;
    lastTaken = at;
    visits.set(stratum, rank + 1);
  }
  return null;
}

function walkOf({ values, seed }: Stratum, { space, accepts, given }: SuggestionRequest): AcceptedWalk {
  return acceptedWalk({ engine: haltonEngine, space, seed, accepts, given: { ...given, ...values } });
}

/** How many configurations of a stratum satisfy the constraints; Infinity where they are not counted. */
function capacityOf(stratum: Stratum, request: SuggestionRequest): number {
  const { accepts } = request;
  const walk = walkOf(stratum, request);
  if (walk.count === Infinity || walk.count > LARGEST_COUNTED) {
    return accepts === undefined || walk.at(0) !== null ? Infinity : 0;
  }
  if (accepts === undefined) return walk.count;
  let capacity = 0;
  while (walk.at(capacity) !== null) capacity++;
  return capacity;
}

/** The named values of the stratum's accepted Halton point: a configuration that has them exists, for it is one. */
function evenValues(names: readonly string[], { stratum, rank }: Place, request: SuggestionRequest): Values {
  const point = walkOf(stratum, request).at(rank);
  const values: Record<string, HyperparameterValue> = {};
  for (const name of names) {
    const value = point?.[name];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/**
 * The place among those of its stratum that have the same numeric values: of finitely many configurations the ones that go with
 * these values are counted from 0 again. Continuous values do not repeat.
 */
function placeAmongEqual(names: readonly string[], place: Place, request: SuggestionRequest): Place {
  const { stratum, rank } = place;
  if (walkOf(stratum, request).count > LARGEST_COUNTED) return place;
  const keyAt = (at: number): string => configurationKey(evenValues(names, { stratum, rank: at }, request));
  const key = keyAt(rank);
  let equalBefore = 0;
  for (let at = 0; at < rank; at++) if (keyAt(at) === key) equalBefore++;
  return { stratum: { ...stratum, seed: deriveSeed('scientific', stratum.seed, key) }, rank: equalBefore };
}

/** Whether something was suggested that this space does not hold: then an index does not say what was suggested of it. */
function isOtherSpace({ space, history }: SuggestionRequest): boolean {
  return suggestedBefore(history).some((values) => valuesWithin(space, values) === null);
}
