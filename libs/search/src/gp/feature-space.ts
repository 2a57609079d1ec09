/**
 * A search space as the coordinates of a Gaussian process: a numeric hyperparameter is its unit coordinate (the middle of its
 * cell when discrete), a categorical one its index, where distance is 0 or 1.
 *
 * A point may carry any coordinate for an inactive conditional hyperparameter; its canonical form has them at one place (the middle,
 * or choice 0), so that they carry no distance within a branch, and between branches the parent's own coordinate tells them apart.
 * Observations and acquisition know canonical points only. Given values pin their coordinates.
 */
import {
  domainValues,
  parseName,
  unitFromValue,
  valueCount,
  valueFromUnit,
  type Domain,
  type Hyperparameter,
  type HyperparameterValue,
  type Rng,
  type Space,
  type Values,
} from '@kinetune/study';

export interface FeatureSpace {
  readonly dimensions: number;
  readonly isCategorical: Uint8Array;
  /** [D]: the places of a discrete coordinate, in order; one place for a given one; undefined for one that is searched as continuous. */
  readonly positions: readonly (Float64Array | undefined)[];
  /** Whether there are finitely many configurations: none is then suggested twice. */
  readonly isFinite: boolean;
  /** The canonical point of a configuration of the space. */
  encode(values: Values): Float64Array;
  /** Values of the active hyperparameters and the given ones, in the order of the space. */
  decode(x: Float64Array): Values;
  canonical(x: Float64Array): Float64Array;
  isActive(x: Float64Array, dimension: number): boolean;
  /** A uniform point. */
  draw(rng: Rng): Float64Array;
  /** The nearest point on the grid, with given values in place. */
  nearest(x: Float64Array): Float64Array;
}

/** Values of a grid above which it is searched as continuous: a cell is a thousandth of the range, and `decode` rounds to it. */
const LARGEST_LISTED = 1000;

export function createFeatureSpace(space: Space, given: Values = {}): FeatureSpace {
  // Parents before children, so that one pass tells what is active.
  const hyperparameters = [...space.hyperparameters].sort(
    (a, b) => parseName(a.name).conditions.length - parseName(b.name).conditions.length,
  );
  const indexOf = new Map(hyperparameters.map(({ name }, i) => [name, i]));
  const constants: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) constants[name] = value;
  for (const [name, value] of Object.entries(given)) if (!indexOf.has(name)) constants[name] = value;

  const positions = hyperparameters.map(({ name, domain }) => {
    if (given[name] !== undefined) return Float64Array.of(coordinate(domain, given[name]));
    return valueCount(domain) > LARGEST_LISTED
      ? undefined
      : Float64Array.from(domainValues(domain), (value) => coordinate(domain, value));
  });
  const valueAt = (dimension: number, x: number): HyperparameterValue => {
    const { name, domain } = hyperparameters[dimension] as Hyperparameter;
    if (given[name] !== undefined) return given[name];
    return domain.type === 'categorical'
      ? (domain.choices[x] as HyperparameterValue)
      : valueFromUnit(domain, Math.min(Math.max(x, 0), 1));
  };
  const conditions = hyperparameters.map(({ name }) =>
    parseName(name).conditions.map(({ parent, equals }) => ({ parent: indexOf.get(parent), name: parent, equals })),
  );
  const isConditional = conditions.some((list) => list.length > 0);
  const isActive = (x: Float64Array, dimension: number): boolean =>
    (conditions[dimension] as (typeof conditions)[number]).every(({ parent, name, equals }) =>
      parent === undefined
        ? String(constants[name]) === equals
        : isActive(x, parent) && String(valueAt(parent, x[parent] as number)) === equals,
    );
  const neutral = ({ domain }: Hyperparameter): number => (domain.type === 'categorical' ? 0 : 0.5);

  return {
    dimensions: hyperparameters.length,
    isCategorical: Uint8Array.from(hyperparameters, ({ domain }) => (domain.type === 'categorical' ? 1 : 0)),
    positions,
    isFinite: hyperparameters.every(({ name, domain }) => given[name] !== undefined || valueCount(domain) !== Infinity),
    isActive,
    encode: (values) =>
      Float64Array.from(hyperparameters, (hyperparameter) => {
        const value = values[hyperparameter.name];
        return value === undefined ? neutral(hyperparameter) : coordinate(hyperparameter.domain, value);
      }),
    decode: (x) => {
      const values: Record<string, HyperparameterValue> = {};
      for (const { name } of space.hyperparameters) {
        const dimension = indexOf.get(name) as number;
        if (isActive(x, dimension)) values[name] = valueAt(dimension, x[dimension] as number);
      }
      return { ...values, ...given };
    },
    canonical: (x) =>
      isConditional ? x.map((value, i) => (isActive(x, i) ? value : neutral(hyperparameters[i] as Hyperparameter))) : x,
    draw: (rng) =>
      Float64Array.from(positions, (places) =>
        places === undefined ? rng.next() : (places[rng.integer(places.length)] as number),
      ),
    nearest: (x) =>
      x.map((value, i) => {
        const places = positions[i];
        return places === undefined ? value : nearestPlace(places, value);
      }),
  };
}

/** The place closest to `x` of places in rising order; the lower of two. */
export function nearestPlace(places: Float64Array, x: number): number {
  let low = 0;
  let high = places.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((places[middle] as number) <= x) low = middle;
    else high = middle;
  }
  const [below, above] = [places[low] as number, places[high] as number];
  return above - x < x - below ? above : below;
}

function coordinate(domain: Domain, value: HyperparameterValue): number {
  return domain.type === 'categorical' ? domain.choices.indexOf(value) : unitFromValue(domain, value);
}
