/**
 * A search space as the coordinates of a Gaussian process: a numeric hyperparameter is its unit coordinate (the middle of its
 * cell when discrete), a categorical one its index. An inactive conditional hyperparameter sits at a fixed place (the middle, or
 * choice 0), so that it carries no distance within a branch.
 */
import {
  domainValues,
  isActive,
  parseName,
  unitFromValue,
  valueCount,
  valueFromUnit,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

export interface FeatureSpace {
  readonly dimensions: number;
  readonly isCategorical: Uint8Array;
  /** [D]: how many values a coordinate has; Infinity for a continuous one. */
  readonly valueCounts: readonly number[];
  encode(values: Values): Float64Array;
  /** The values at a point; inactive ones are left out. */
  decode(x: Float64Array): Values;
  /** The coordinate's grid positions, for a discrete one. */
  positions(dimension: number): Float64Array;
  /** Which coordinates are active at a point. */
  activeDimensions(x: Float64Array): boolean[];
}

export function createFeatureSpace(space: Space): FeatureSpace {
  // Parents before children, so that decoding knows the branch.
  const hyperparameters = [...space.hyperparameters].sort(
    (a, b) => parseName(a.name).conditions.length - parseName(b.name).conditions.length,
  );
  const isCategorical = Uint8Array.from(hyperparameters, ({ domain }) => (domain.type === 'categorical' ? 1 : 0));
  const positionsOf = ({ domain }: Hyperparameter): Float64Array => {
    const count = valueCount(domain);
    if (domain.type === 'categorical') return Float64Array.from({ length: count }, (_, i) => i);
    return Float64Array.from(domainValues(domain), (value) => unitFromValue(domain, value));
  };
  const valueAt = ({ domain }: Hyperparameter, x: number): HyperparameterValue =>
    domain.type === 'categorical'
      ? (domain.choices[Math.round(x)] as HyperparameterValue)
      : valueFromUnit(domain, Math.min(Math.max(x, 0), 1));
  const decode = (x: Float64Array): Values => {
    const values: Record<string, HyperparameterValue> = {};
    hyperparameters.forEach((hyperparameter, i) => {
      if (isActive(hyperparameter.name, values)) values[hyperparameter.name] = valueAt(hyperparameter, x[i] as number);
    });
    return values;
  };
  return {
    dimensions: hyperparameters.length,
    isCategorical,
    valueCounts: hyperparameters.map(({ domain }) => valueCount(domain)),
    encode: (values) =>
      Float64Array.from(hyperparameters, ({ name, domain }) => {
        const value = values[name];
        if (value === undefined) return domain.type === 'categorical' ? 0 : 0.5;
        return domain.type === 'categorical' ? domain.choices.indexOf(value) : unitFromValue(domain, value);
      }),
    decode,
    positions: (dimension) => positionsOf(hyperparameters[dimension] as Hyperparameter),
    activeDimensions: (x) => {
      const values = decode(x);
      return hyperparameters.map(({ name }) => values[name] !== undefined);
    },
  };
}
