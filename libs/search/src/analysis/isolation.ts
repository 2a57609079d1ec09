/**
 * An isolation plot's data: for each value of a scientific hyperparameter the best trial over the nuisance ones (Deep Learning
 * Tuning Playbook, "Generate isolation plots", its Fig. 2; practices 65, 66, 69). A range is cut into buckets in its own scale. A
 * conditional hyperparameter is looked at within its branch alone: the trials of other branches do not have it.
 *
 * The bar of a point is the spread of the best under a bootstrap of its trials (see `best-of-k.ts`), or the retrain noise where
 * that was measured and is larger: how far the point may move when the search is repeated.
 */
import {
  parseName,
  unitMapping,
  valueCount,
  valueFromUnit,
  domainValues,
  type Condition,
  type Direction,
  type Domain,
  type HyperparameterValue,
  type Space,
} from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { bestOfK } from './best-of-k.ts';
import { fixedInteractions, type FixedInteraction } from './fixed-interactions.ts';
import { rankTrials } from './rank-trials.ts';

export const ISOLATION_DEFAULTS = {
  /** Buckets of a range; a grid of at most so many values keeps its values. */
  buckets: 5,
} as const;

/** even: of equal width in the hyperparameter's own scale. equal-count: of equally many trials. */
export const BUCKETINGS = ['even', 'equal-count'] as const;
export type Bucketing = (typeof BUCKETINGS)[number];

export interface IsolationPoint {
  /** The value, or the bucket's ends in words. */
  readonly label: HyperparameterValue;
  /** Ends of a bucket of a range. */
  readonly from?: number;
  readonly to?: number;
  /** The best trial there: null where none has a value. */
  readonly best: { readonly trial: number; readonly value: number } | null;
  /** Low to high; null where there is no best. A single trial has the retrain noise alone. */
  readonly bar: readonly [number, number] | null;
  readonly barIs: 'bootstrap' | 'retrain-noise' | null;
  /** Trials that gave a result there; how many of them are infeasible. */
  readonly trials: readonly number[];
  readonly infeasible: number;
}

export interface Isolation {
  readonly name: string;
  /** The branch in which the hyperparameter is in use; empty for one that always is. */
  readonly branch: readonly Condition[];
  readonly isBucketed: boolean;
  /** In the order of the values. */
  readonly points: readonly IsolationPoint[];
  /** Every trial of the branch with a value, for faint dots. */
  readonly dots: readonly { readonly trial: number; readonly at: HyperparameterValue; readonly value: number }[];
  /** What the plot holds for: the fixed hyperparameters. */
  readonly caveats: readonly string[];
  /** Fixed hyperparameters known to interact with this one. */
  readonly interactions: readonly FixedInteraction[];
}

export interface IsolationOptions {
  readonly direction: Direction;
  readonly buckets?: number;
  readonly bucketing?: Bucketing;
  readonly retrainSd?: number | null;
}

/** One plot for each scientific hyperparameter, in the order of the space; for the named ones, whatever their role. */
export function isolations(
  space: Space,
  trials: readonly AnalysedTrial[],
  options: IsolationOptions & { readonly names?: readonly string[] },
): readonly Isolation[] {
  const { names } = options;
  return space.hyperparameters
    .filter(({ name, role }) => (names === undefined ? role === 'scientific' : names.includes(name)))
    .map(({ name }) => isolation(space, trials, { ...options, name }));
}

export function isolation(
  space: Space,
  trials: readonly AnalysedTrial[],
  options: IsolationOptions & { readonly name: string },
): Isolation {
  const { name, direction, buckets = ISOLATION_DEFAULTS.buckets, bucketing = 'even', retrainSd = null } = options;
  const domain = space.hyperparameters.find((one) => one.name === name)?.domain;
  if (domain === undefined) throw new RangeError(`expected a hyperparameter of the space, got ${name}`);
  const inBranch = trials.filter(
    ({ state, values }) =>
      Object.hasOwn(values, name) && (state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE'),
  );
  const isBucketed = domain.type !== 'categorical' && valueCount(domain) > buckets;
  const groups = isBucketed
    ? bucketsOf(domain, { name, trials: inBranch, count: buckets, bucketing })
    : valuesOf(domain, { name, trials: inBranch });
  return {
    name,
    branch: parseName(name).conditions,
    isBucketed,
    points: groups.map(({ members, ...group }) => ({ ...group, ...bestOf(members, { direction, retrainSd }) })),
    dots: rankTrials(inBranch, direction).map(({ number, values, bestValue }) => ({
      trial: number,
      at: values[name] as HyperparameterValue,
      value: bestValue,
    })),
    caveats: space.fixed.map((fixed) => `holds for ${fixed.name} = ${fixed.value} (${fixed.reason})`),
    interactions: fixedInteractions(space).filter(({ scientific }) => scientific === name),
  };
}

interface Group extends Pick<IsolationPoint, 'label' | 'from' | 'to'> {
  readonly members: readonly AnalysedTrial[];
}

function valuesOf(
  domain: Domain,
  { name, trials }: { readonly name: string; readonly trials: readonly AnalysedTrial[] },
): readonly Group[] {
  return domainValues(domain).map((label) => ({
    label,
    members: trials.filter(({ values }) => values[name] === label),
  }));
}

interface Bucketed {
  readonly name: string;
  readonly trials: readonly AnalysedTrial[];
  readonly count: number;
  readonly bucketing: Bucketing;
}

function bucketsOf(domain: Domain, { name, trials, count, bucketing }: Bucketed): readonly Group[] {
  const unitOfValue = unitMapping(domain);
  const unitOf = ({ values }: AnalysedTrial): number => unitOfValue(values[name] as number);
  const units = trials.map(unitOf).sort((a, b) => a - b);
  // Inner edges; those of equal count lie halfway between neighbouring trials.
  const edges = Array.from({ length: count - 1 }, (_, i) => {
    if (bucketing === 'even') return (i + 1) / count;
    const position = Math.round(((i + 1) * units.length) / count);
    return ((units[position - 1] ?? 0) + (units[position] ?? 1)) / 2;
  });
  return Array.from({ length: count }, (_, i) => {
    const [low, high] = [edges[i - 1] ?? 0, edges[i] ?? 1];
    const from = valueFromUnit(domain, low) as number;
    const to = valueFromUnit(domain, high) as number;
    const members = trials.filter((trial) => {
      const unit = unitOf(trial);
      return (unit >= low || i === 0) && (unit < high || i === count - 1);
    });
    return { label: `${from} to ${to}`, from, to, members };
  });
}

function bestOf(
  members: readonly AnalysedTrial[],
  { direction, retrainSd }: { readonly direction: Direction; readonly retrainSd: number | null },
): Omit<IsolationPoint, 'label' | 'from' | 'to'> {
  const counts = {
    trials: members.map(({ number }) => number),
    infeasible: members.filter(({ state }) => state === 'INFEASIBLE').length,
  };
  const first = rankTrials(members, direction)[0];
  if (first === undefined) return { best: null, bar: null, barIs: null, ...counts };
  const value = first.bestValue;
  const spread = bestOfK(members, { direction, budgets: [members.length] }).numbers.curve[0];
  const [low, high] = spread === undefined ? [value, value] : spread.middle90;
  const noise = retrainSd ?? 0;
  const isBootstrap = high - low >= 2 * noise && high > low;
  const best = { trial: first.number, value };
  if (isBootstrap) return { best, bar: [Math.min(low, value), Math.max(high, value)], barIs: 'bootstrap', ...counts };
  return noise === 0
    ? { best, bar: null, barIs: null, ...counts }
    : { best, bar: [value - noise, value + noise], barIs: 'retrain-noise', ...counts };
}
