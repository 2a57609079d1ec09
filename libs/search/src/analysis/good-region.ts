/**
 * Is the good region sampled densely enough to be believed? (Deep Learning Tuning Playbook, "Failing to sample enough points
 * in the search space"; practice 51.) Good is what a retrain could not tell from the best: within one retrain standard
 * deviation of it; where that was not measured, the top tenth (ours).
 */
import { unitFromValue, type Direction, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { rankTrials, type RankedTrial } from './rank-trials.ts';
import { showCount, showShare } from './wording.ts';

export const GOOD_REGION_THRESHOLDS = {
  /** How far from the best is good, in retrain standard deviations. */
  withinRetrainSds: 1,
  /** What is good where the retrain noise is not known. */
  topShare: 0.1,
  /** Fewer good points are thin. */
  fewestGood: 5,
  fewestTrials: 8,
} as const;

export interface GoodExtent {
  readonly name: string;
  /** Ends of the good points in the hyperparameter's own unit; null for a choice. */
  readonly values: readonly [number, number] | null;
  /** The part of the scaled range between them, 0 to 1; null for a choice. */
  readonly unitWidth: number | null;
  /** Distinct values among the good points. */
  readonly distinctValues: number;
}

export interface GoodRegionNumbers {
  readonly definition: 'within-retrain-noise' | 'top-share';
  readonly good: number;
  readonly trialCount: number;
  readonly share: number | null;
  /** The worst value that is good. */
  readonly threshold: number | null;
  /** Where the good points lie, by hyperparameter that is in use in one of them. */
  readonly extents: readonly GoodExtent[];
}

export const GOOD_REGION_VERDICTS = ['dense', 'thin', 'too-few'] as const;
export type GoodRegion = Check<(typeof GOOD_REGION_VERDICTS)[number], GoodRegionNumbers>;

export interface GoodRegionOptions {
  readonly direction: Direction;
  readonly retrainSd?: number | null;
  readonly thresholds?: Partial<Record<keyof typeof GOOD_REGION_THRESHOLDS, number>>;
}

/** `trials` of the check are the good ones, best first. */
export function goodRegion(space: Space, trials: readonly AnalysedTrial[], options: GoodRegionOptions): GoodRegion {
  const { direction, retrainSd = null } = options;
  const limits = { ...GOOD_REGION_THRESHOLDS, ...options.thresholds };
  const ranked = rankTrials(trials, direction);
  const best = ranked[0];
  const definition = retrainSd === null ? 'top-share' : 'within-retrain-noise';
  const good =
    best === undefined
      ? []
      : retrainSd === null
        ? ranked.slice(0, Math.ceil(limits.topShare * ranked.length))
        : ranked.filter(({ bestValue }) => Math.abs(bestValue - best.bestValue) <= limits.withinRetrainSds * retrainSd);
  const share = ranked.length === 0 ? null : good.length / ranked.length;
  const numbers: GoodRegionNumbers = {
    definition,
    good: good.length,
    trialCount: ranked.length,
    share,
    threshold: good.at(-1)?.bestValue ?? null,
    extents: extentsOf(space, good),
  };
  const base = { numbers, trials: good.map(({ number }) => number) };
  if (share === null || ranked.length < limits.fewestTrials) {
    const missing = limits.fewestTrials - ranked.length;
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(ranked.length, 'trial')} with a value: at least ${limits.fewestTrials} are needed to judge the good region`,
      next: { action: 'add-trials', text: `run ${showCount(missing, 'more trial')}`, trialCount: missing },
    };
  }
  const means =
    definition === 'top-share'
      ? `the top ${showShare(limits.topShare)}, for retrain noise was not measured`
      : 'within the retrain noise of the best';
  const seen = `the good region (${means}) holds ${good.length} of ${ranked.length} points`;
  if (good.length >= limits.fewestGood) return { ...base, verdict: 'dense', status: 'pass', reason: seen, next: null };
  const trialCount = Math.ceil(limits.fewestGood / share) - ranked.length;
  return {
    ...base,
    verdict: 'thin',
    status: 'caution',
    reason: `${seen}: thin, fewer than ${limits.fewestGood}`,
    next: {
      action: 'add-trials',
      text: `run about ${trialCount} more trials of the same space, or narrow it, until ${limits.fewestGood} lie there`,
      trialCount,
    },
  };
}

function extentsOf(space: Space, good: readonly RankedTrial[]): readonly GoodExtent[] {
  return space.hyperparameters.flatMap(({ name, domain }): GoodExtent[] => {
    const values = good.filter((trial) => Object.hasOwn(trial.values, name)).map((trial) => trial.values[name]);
    if (values.length === 0) return [];
    const distinctValues = new Set(values).size;
    if (domain.type === 'categorical') return [{ name, values: null, unitWidth: null, distinctValues }];
    const numeric = values as number[];
    const low = Math.min(...numeric);
    const high = Math.max(...numeric);
    const unitWidth = unitFromValue(domain, high) - unitFromValue(domain, low);
    return [{ name, values: [low, high], unitWidth, distinctValues }];
  });
}
