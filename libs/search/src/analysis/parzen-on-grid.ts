/**
 * A Parzen estimate of where values lie on a grid of cells, with Scott's bandwidth: what PED-ANOVA compares (Watanabe et al.
 * 2023; Optuna 5 `_ped_anova/scott_parzen_estimator.py`, whose rules for the grid, the bandwidth and ties these are).
 *
 *   n_c observations in cell c, n in all; s their standard deviation in cells, IQR as below
 *   sigma = max(1.059 min(IQR / 1.34, s) n^-1/5, 0.5 / 1.64)
 *   p(c) = (sum_i n_i K((c - i) / sigma) + K_prior(c)) / (n + 1)   K the mass of a normal truncated to the grid
 *
 * The prior is a kernel in the middle as wide as the grid. A choice has no distances: its kernels are the choice and a share
 * of all others.
 */
import {
  valueCount,
  valueFromUnit,
  type Domain,
  type FloatDomain,
  type HyperparameterValue,
  type IntDomain,
} from '@kinetune/study';
import { normalCdf } from '../numeric/normal.ts';

const GRID = 50;

/** How many cells a domain has; at least 2 values are expected. */
export function cellCount(domain: Domain): number {
  if (domain.type === 'categorical') return domain.choices.length;
  if (domain.scale === 'log' && domain.type === 'int')
    return Math.min(Math.ceil(Math.log(highestOf(domain) - domain.minimum + 1) / Math.log(2)) + 1, GRID);
  const count = valueCount(domain);
  return Number.isFinite(count) ? Math.min(count, GRID) : GRID;
}

/** The cell of a domain's values: the nearest grid point in the domain's scale, the lower one of two equally near. */
export function cellMapping(domain: Domain): (value: HyperparameterValue) => number {
  if (domain.type === 'categorical') return (value) => domain.choices.indexOf(value);
  const scaled = domain.scale === 'log' ? Math.log : (x: number) => x;
  const low = scaled(domain.minimum);
  const count = cellCount(domain);
  const step = (scaled(highestOf(domain)) - low) / (count - 1);
  return (value) => Math.min(Math.max(Math.ceil((scaled(value as number) - low) / step - 0.5), 0), count - 1);
}

/** The largest value there is: below the maximum where the steps do not end there. */
function highestOf(domain: FloatDomain | IntDomain): number {
  return valueCount(domain) === Infinity ? domain.maximum : (valueFromUnit(domain, 1) as number);
}

/** The probability of each cell, from a count of observations in each (one at least); sums to 1 but for 1e-12 a cell. */
export function parzenOnGrid(domain: Domain, counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const occupied = [...counts.keys()].filter((cell) => (counts[cell] as number) > 0);
  const weightOf = (cell: number): number => counts[cell] as number;
  const density = new Float64Array(counts.length);
  if (domain.type === 'categorical') {
    const kernels = occupied.length + 1;
    const spread = 1 / kernels;
    const height = 1 + counts.length * spread;
    for (let cell = 0; cell < counts.length; cell++) {
      let sum = 1 / counts.length;
      for (const at of occupied) sum += (weightOf(at) * (spread + (at === cell ? 1 : 0))) / height;
      density[cell] = sum / (total + 1) + 1e-12;
    }
    return density;
  }
  const count = counts.length;
  const massOf = massesByDistance(scottBandwidth(occupied, occupied.map(weightOf)), count);
  const masses = Float64Array.from({ length: 2 * count - 1 }, (_, i) => massOf(i + 1 - count, i + 2 - count));
  for (const at of occupied) {
    const weight = weightOf(at);
    const inside = massOf(-at, count - at);
    for (let cell = 0; cell < count; cell++) {
      const mass = masses[cell - at + count - 1] as number;
      density[cell] = (density[cell] as number) + (weight * mass) / inside / (total + 1);
    }
  }
  const middle = (count - 1) / 2;
  const insidePrior = normalMass((-0.5 - middle) / count, (count - 0.5 - middle) / count);
  for (let cell = 0; cell < count; cell++) {
    const mass = normalMass((cell - 0.5 - middle) / count, (cell + 0.5 - middle) / count);
    density[cell] = (density[cell] as number) + mass / insidePrior / (total + 1) + 1e-12;
  }
  return density;
}

/**
 * The mass of a kernel in the middle of a cell between the lower edges of the cells `from` and `to`, counted from its own: kernels of one
 * width differ in where they stand alone, so that 2 count values of the normal say it all.
 */
function massesByDistance(width: number, count: number): (from: number, to: number) => number {
  // Phi at the lower edges of cells from 1 - count to count, which with an edge hold its mirror image, 1 - edge.
  const below = Float64Array.from({ length: 2 * count }, (_, i) => normalCdf((i + 0.5 - count) / width));
  const at = (edge: number): number => below[edge + count - 1] as number;
  return (from, to) => (from > 0 ? at(1 - from) - at(1 - to) : at(to) - at(from));
}

function scottBandwidth(cells: readonly number[], weights: readonly number[]): number {
  const cumulative: number[] = [];
  weights.forEach((weight, i) => cumulative.push((cumulative[i - 1] ?? 0) + weight));
  const total = cumulative.at(-1) as number;
  const mean = cells.reduce((sum, cell, i) => sum + cell * (weights[i] as number), 0) / total;
  const squares = cells.reduce((sum, cell, i) => sum + (cell - mean) ** 2 * (weights[i] as number), 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  // Whole quarters, as Optuna counts them.
  const first = cumulative.findIndex((count) => count >= Math.floor(total / 4));
  const third = cumulative.findIndex((count) => count > Math.floor((total * 3) / 4));
  const upper = third < 0 ? cells.length - 1 : third;
  const range = (cells[upper] as number) - (cells[first] as number);
  return Math.max(1.059 * Math.min(range / 1.34, deviation) * total ** -0.2, 0.5 / 1.64);
}

/** Phi(b) - Phi(a), from the tail in which both lie, where it keeps its digits. */
function normalMass(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}
