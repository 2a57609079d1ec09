/** What must be known of a function before anything is compared on it, from one fixed random sample of its space. */
import { createHash } from 'node:crypto';
import { createRng, InputError, isActive, parseName, unitFromValue, valueFromUnit, type Values } from '@kinetune/study';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { quantile } from '../order-statistics.ts';

export interface Landscape {
  /** Of the values over the space, sampled uniformly in its scaled coordinates. */
  readonly interquartileRange: number;
  /** Whether a configuration is outside the 30 % of the box that planted infeasibility takes. */
  readonly isSpared: (values: Values) => boolean;
  /** Changes when space, values or planted infeasibility do: what was measured on another function must not be reused. */
  readonly fingerprint: string;
}

const SAMPLES = 8192;
const INFEASIBLE_SHARE = 0.3;

/**
 * Planted infeasibility: the share of the box with the highest values of sum_j (j + 1) u_j, where u_j is the scaled
 * coordinate of the j-th unconditional numeric hyperparameter, or with the lowest ones if the optimum lies in the upper half.
 *
 * @throws InputError when the function has no finite value, or only one, in the whole sample.
 */
export function measureLandscape(subject: BenchmarkFunction): Landscape {
  const rng = createRng('landscape', 1);
  const sample = Array.from({ length: SAMPLES }, () => {
    const all = Object.fromEntries(
      subject.space.hyperparameters.map(({ name, domain }) => [name, valueFromUnit(domain, rng.next())]),
    );
    return Object.fromEntries(Object.entries(all).filter(([name]) => isActive(name, all)));
  });
  const evaluated = sample.map((values) => ({ values, value: valueAt(subject, values) }));
  const finite = evaluated.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
  const [best] = finite;
  if (best === undefined) {
    const [first] = evaluated;
    throw new InputError(
      'benchmark-function',
      `${subject.name}: expected finite numbers from evaluate(), got none for ${SAMPLES} random configurations ` +
        `(${JSON.stringify(first?.values)} gave ${String(first?.value)}). NaN is for infeasible configurations; some must be feasible.`,
    );
  }
  const losses = finite.map(({ value }) => value);
  const interquartileRange = quantile(losses, 0.75) - quantile(losses, 0.25);
  if (interquartileRange === 0) {
    throw new InputError(
      'benchmark-function',
      `${subject.name}: expected values that differ, but the middle half of ${SAMPLES} random configurations all give ` +
        `${quantile(losses, 0.5)}: nothing can be compared on it.`,
    );
  }
  if (subject.minimum !== undefined && best.value < subject.minimum - 1e-9 * interquartileRange) {
    throw new InputError(
      'benchmark-function',
      `${subject.name}: its minimum is said to be ${subject.minimum}, but ${JSON.stringify(best.values)} gives ` +
        `${best.value}. Correct \`minimum\` or leave it out.`,
    );
  }

  const numeric = subject.space.hyperparameters.filter(
    ({ name, domain }) => domain.type !== 'categorical' && parseName(name).conditions.length === 0,
  );
  const score = (values: Values): number =>
    numeric.reduce((sum, { name, domain }, j) => sum + (j + 1) * unitFromValue(domain, values[name] as number), 0);
  const scores = sample.map(score);
  const sign = score(subject.optimum ?? best.values) > quantile(scores, 0.5) ? -1 : 1;
  const limit = quantile(
    scores.map((value) => sign * value),
    1 - INFEASIBLE_SHARE,
  );
  const isSpared = (values: Values): boolean => sign * score(values) <= limit;
  const seen = evaluated.slice(0, 16).map(({ values, value }) => [value.toPrecision(9), isSpared(values)]);
  const digest = createHash('sha256').update(JSON.stringify([subject.space, seen]));
  return {
    interquartileRange,
    isSpared,
    fingerprint: digest.digest('hex').slice(0, 12),
  };
}

function valueAt({ name, evaluate }: BenchmarkFunction, values: Values): number {
  let value: unknown;
  try {
    value = evaluate(values);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('benchmark-function', `${name}: evaluate(${JSON.stringify(values)}) threw: ${reason}`);
  }
  if (typeof value === 'number') return value;
  throw new InputError(
    'benchmark-function',
    `${name}: expected a number from evaluate(${JSON.stringify(values)}) (NaN: infeasible), got ${String(value)}`,
  );
}
