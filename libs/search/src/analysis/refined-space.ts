/**
 * The space to exploit after exploring: it comfortably contains the best region, which was sampled adequately (Deep Learning Tuning
 * Playbook, "After exploration concludes"; practices 77 and 78). Refused while a boundary is in doubt or the good region is thin:
 * the best may lie outside, or be luck.
 *
 *   range    from the lower to the upper quantile of the good points in its own scale, and a margin on either side, never beyond
 *            what was explored
 *   choice   those that good points have; a hyperparameter of a branch that no good point is in goes with it
 */
import {
  domainValue,
  isActive,
  unitFromValue,
  valueCount,
  valueFromUnit,
  type Direction,
  type Domain,
  type FixedHyperparameter,
  type HyperparameterValue,
  type Space,
} from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { boundaries, type Boundary, type BoundaryOptions } from './boundaries.ts';
import { changedSpace } from './changed-space.ts';
import type { Check } from './check.ts';
import { goodRegion, type GoodRegionOptions } from './good-region.ts';
import { quantile } from './statistics/moments.ts';
import { showList } from './wording.ts';

export const REFINED_SPACE_THRESHOLDS = {
  /** Quantiles of the good points: a tenth of them may lie outside on each side. */
  lowerQuantile: 0.1,
  upperQuantile: 0.9,
  /** Added on each side, as a part of the explored range in its own scale. */
  margin: 0.1,
} as const;

export interface RefinedRange {
  readonly name: string;
  readonly before: Domain;
  /** Null for one that is no longer searched. */
  readonly after: Domain | null;
}

export interface RefinedSpaceNumbers {
  readonly ranges: readonly RefinedRange[];
  /** The next version of the space; null where refused. */
  readonly space: Space | null;
  /** The part of the explored space that is kept, in its own scales; null where refused. */
  readonly keptShare: number | null;
  /** Hyperparameters whose boundary is in doubt. */
  readonly openBoundaries: readonly string[];
}

export const REFINED_SPACE_VERDICTS = ['ready', 'boundary-open', 'too-thin', 'too-few'] as const;
export type RefinedSpace = Check<(typeof REFINED_SPACE_VERDICTS)[number], RefinedSpaceNumbers>;

export interface RefinedSpaceOptions {
  readonly direction: Direction;
  readonly retrainSd?: number | null;
  /** Hyperparameters to hold at the best trial's value, as those not shown to matter. */
  readonly fix?: readonly string[];
  readonly boundaryOptions?: BoundaryOptions;
  /** What `boundaries` says with these options, where it was asked already. */
  readonly edges?: readonly Boundary[];
  readonly goodRegionThresholds?: GoodRegionOptions['thresholds'];
  readonly thresholds?: Partial<Record<keyof typeof REFINED_SPACE_THRESHOLDS, number>>;
}

/** `trials` of the check are the good ones, best first. */
export function refinedSpace(
  space: Space,
  trials: readonly AnalysedTrial[],
  options: RefinedSpaceOptions,
): RefinedSpace {
  const { direction, retrainSd = null, fix = [], boundaryOptions, goodRegionThresholds } = options;
  const { edges = boundaries(space, trials, direction, boundaryOptions) } = options;
  const limits = { ...REFINED_SPACE_THRESHOLDS, ...options.thresholds };
  const region = goodRegion(space, trials, {
    direction,
    retrainSd,
    ...(goodRegionThresholds === undefined ? {} : { thresholds: goodRegionThresholds }),
  });
  // As wide as is legal is no fault of the space: there is nothing to widen.
  const open = edges.filter(
    ({ verdict, next }) => verdict === 'edge-of-stability' || (verdict === 'at-edge' && next !== null),
  );
  const refusal = { ranges: [], space: null, keptShare: null, openBoundaries: open.map(({ name }) => name) };
  if (region.verdict === 'too-few') {
    const { reason, next } = region;
    return { verdict: 'too-few', status: 'not-known', reason, numbers: refusal, trials: region.trials, next };
  }
  const first = open[0];
  if (first !== undefined) {
    return {
      verdict: 'boundary-open',
      status: 'fail',
      reason: `the best may lie outside: ${open.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`,
      numbers: refusal,
      trials: [...new Set(open.flatMap(({ nearEdge, infeasibleBeyond }) => [...nearEdge, ...infeasibleBeyond]))],
      next: first.next,
    };
  }
  if (region.verdict === 'thin') {
    const reason = `${region.reason}; a narrow space around few points would exploit luck`;
    return { verdict: 'too-thin', status: 'fail', reason, numbers: refusal, trials: region.trials, next: region.next };
  }
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const good = region.trials.map((number) => byNumber.get(number) as AnalysedTrial);
  const best = good[0] as AnalysedTrial;
  const ranges = space.hyperparameters.map(({ name, domain }): RefinedRange => {
    const values = good.flatMap((trial) => trial.values[name] ?? []);
    const isHeld = fix.includes(name) && isActive(name, best.values);
    return { name, before: domain, after: values.length === 0 || isHeld ? null : boxOf(domain, values, limits) };
  });
  const held = fix.flatMap((name): readonly FixedHyperparameter[] => {
    const own = space.hyperparameters.find((one) => one.name === name);
    const value = best.values[name];
    if (own === undefined || value === undefined) return [];
    return [{ name, kind: own.kind, value, reason: `not shown to matter; as in the best trial, ${best.number}` }];
  });
  const gone = new Set(ranges.filter(({ after }) => after === null).map(({ name }) => name));
  const domains = Object.fromEntries(ranges.flatMap(({ name, after }) => (after === null ? [] : [[name, after]])));
  const changed = changedSpace(space, domains, held);
  const next = {
    ...changed,
    hyperparameters: changed.hyperparameters.filter(({ name }) => !gone.has(name)),
  };
  const keptShare = ranges.reduce((product, range) => product * shareKept(range), 1);
  const narrowed = ranges.filter((range) => shareKept(range) < 1).map(({ name }) => name);
  const what = narrowed.length === 0 ? 'nothing could be narrowed' : `narrowed: ${showList(narrowed)}`;
  return {
    verdict: 'ready',
    status: 'pass',
    reason: `boundaries hold and ${region.reason}; ${what}`,
    numbers: { ranges, space: next, keptShare, openBoundaries: [] },
    trials: region.trials,
    next: {
      action: 'exploit',
      text: 'search the refined space with an adaptive sampler and as large a budget as can be afforded',
      domains,
    },
  };
}

type Limits = Readonly<Record<keyof typeof REFINED_SPACE_THRESHOLDS, number>>;

function boxOf(domain: Domain, values: readonly HyperparameterValue[], limits: Limits): Domain {
  if (domain.type === 'categorical') {
    const seen = new Set(values);
    return { ...domain, choices: domain.choices.filter((choice) => seen.has(choice)) };
  }
  const units = values.map((value) => unitFromValue(domain, value)).sort((a, b) => a - b);
  const low = Math.max(0, quantile(units, limits.lowerQuantile) - limits.margin);
  const high = Math.min(1, quantile(units, limits.upperQuantile) + limits.margin);
  if (Number.isFinite(valueCount(domain))) {
    const first = placesBefore(domain, (unit) => unit < low);
    const last = placesBefore(domain, (unit) => unit <= high) - 1;
    // Between two values of a coarse grid: keep what the good points have.
    const kept = first > last ? values : [domainValue(domain, first), domainValue(domain, last)];
    return { ...domain, minimum: Math.min(...(kept as number[])), maximum: Math.max(...(kept as number[])) };
  }
  const minimum = low === 0 ? domain.minimum : Number((valueFromUnit(domain, low) as number).toPrecision(3));
  const maximum = high === 1 ? domain.maximum : Number((valueFromUnit(domain, high) as number).toPrecision(3));
  return {
    ...domain,
    minimum: Math.max(minimum, domain.minimum),
    maximum: Math.min(maximum, domain.maximum),
  };
}

/** How many of a grid's values, lowest first, lie where `isBefore` holds. Bisection: a grid may have billions. */
function placesBefore(domain: Domain, isBefore: (unit: number) => boolean): number {
  let low = 0;
  let high = valueCount(domain);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(unitFromValue(domain, domainValue(domain, middle)))) low = middle + 1;
    else high = middle;
  }
  return low;
}

function shareKept({ before, after }: RefinedRange): number {
  if (after === null || valueCount(before) === 1) return 1;
  if (before.type === 'categorical' || after.type === 'categorical') return valueCount(after) / valueCount(before);
  if (Number.isFinite(valueCount(before))) return valueCount(after) / valueCount(before);
  return unitFromValue(before, after.maximum) - unitFromValue(before, after.minimum);
}
