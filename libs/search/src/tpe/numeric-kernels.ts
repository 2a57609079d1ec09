/**
 * A float's or an integer's part of the kernels: normals in unit coordinates, truncated to [0, 1]. A discrete value has the mass
 * of its cell, by the difference of the distribution function at its ends.
 */
import {
  unitCell,
  unitFromValue,
  valueCount,
  valueFromUnit,
  type FloatDomain,
  type HyperparameterValue,
  type IntDomain,
} from '@kinetune/study';
import { normalCdf, normalQuantile } from '../numeric/normal.ts';
import type { Kernels } from './parzen-estimator.ts';

/** Of the range. */
const SMALLEST_SPREAD = 0.03;
/** Keeps the logarithm of a mass that is none finite. */
const SMALLEST_MASS = 1e-12;
const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

export function createNumericKernels(
  domain: FloatDomain | IntDomain,
  values: readonly HyperparameterValue[],
  spreadScale: number,
): Kernels {
  const means = Float64Array.from([...values.map((value) => unitFromValue(domain, value)), 0.5]);
  const spreads = neighbourGaps(means).map((gap) => Math.min(Math.max(spreadScale * gap, SMALLEST_SPREAD), 1));
  spreads[means.length - 1] = 1;
  const lows = means.map((mean, i) => normalCdf(-mean / (spreads[i] as number)));
  const masses = means.map((mean, i) => normalCdf((1 - mean) / (spreads[i] as number)) - (lows[i] as number));
  const logNorms = masses.map((mass, i) => LOG_SQRT_2PI + Math.log((spreads[i] as number) * mass));
  const isDiscrete = valueCount(domain) !== Infinity;
  const ofValue = new Map<HyperparameterValue, Float64Array>();

  const cellMasses = (value: HyperparameterValue): Float64Array => {
    const known = ofValue.get(value);
    if (known !== undefined) return known;
    const [low, high] = unitCell(domain, value);
    const logs = means.map((mean, i) => {
      const spread = spreads[i] as number;
      const mass = normalCdf((high - mean) / spread) - normalCdf((low - mean) / spread);
      return Math.log(mass / (masses[i] as number) + SMALLEST_MASS);
    });
    ofValue.set(value, logs);
    return logs;
  };

  return {
    sample(kernel, rng) {
      const z = normalQuantile((lows[kernel] as number) + rng.next() * (masses[kernel] as number));
      const unit = (means[kernel] as number) + z * (spreads[kernel] as number);
      return valueFromUnit(domain, Math.min(Math.max(unit, 0), 1));
    },
    addLogDensities(value, total) {
      if (isDiscrete) {
        const logs = cellMasses(value);
        for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (logs[i] as number);
        return;
      }
      const unit = unitFromValue(domain, value);
      for (let i = 0; i < total.length; i++) {
        const z = (unit - (means[i] as number)) / (spreads[i] as number);
        total[i] = (total[i] as number) - 0.5 * z * z - (logNorms[i] as number);
      }
    },
  };
}

/** The larger gap to a neighbour in sorted order, 0 and 1 included. */
function neighbourGaps(means: Float64Array): Float64Array {
  const order = Array.from(means.keys()).sort((a, b) => (means[a] as number) - (means[b] as number));
  const gaps = new Float64Array(means.length);
  order.forEach((index, rank) => {
    const here = means[index] as number;
    const before = rank === 0 ? 0 : (means[order[rank - 1] as number] as number);
    const after = rank === order.length - 1 ? 1 : (means[order[rank + 1] as number] as number);
    gaps[index] = Math.max(here - before, after - here);
  });
  return gaps;
}
