/**
 * Are there enough trials for so many nuisance hyperparameters? (Deep Learning Tuning Playbook, "Identifying scientific, nuisance, and
 * fixed hyperparameters" and "Striking a balance ..."; practices 30, 34, 35, 37.) The more there are, the greater the risk that a
 * scientific value is tuned less well than another. The limits are ours: trials for each scientific value and nuisance dimension.
 */
import { parseName, valueCount, type Hyperparameter, type Space } from '@kinetune/study';
import type { Check } from './check.ts';
import { showCount, showNumber } from './wording.ts';

export const BUDGET_METER_THRESHOLDS = {
  /** Trials for each nuisance dimension of one scientific value: green from the first, red below the second. */
  enough: 10,
  scarce: 4,
  /** A continuous scientific hyperparameter counts as so many values, as its plot has buckets. */
  scientificBuckets: 5,
} as const;

export interface BudgetNumbers {
  readonly trialCount: number;
  /** Combinations of scientific values that can occur together. */
  readonly scientificValues: number;
  readonly trialsPerValue: number;
  /** Nuisance dimensions in use at once, at most; a branch's own count in that branch alone. */
  readonly nuisanceDimensions: number;
  readonly trialsPerDimension: number | null;
  /** Trials that would make it enough. */
  readonly enoughTrials: number;
}

export const BUDGET_METER_VERDICTS = ['enough', 'tight', 'under-tuned'] as const;
export type BudgetMeter = Check<(typeof BUDGET_METER_VERDICTS)[number], BudgetNumbers>;

export interface BudgetMeterOptions {
  readonly trialCount: number;
  readonly thresholds?: Partial<Record<keyof typeof BUDGET_METER_THRESHOLDS, number>>;
}

/** Judged before a study runs: no trials are behind it. */
export function budgetMeter(space: Space, { trialCount, thresholds }: BudgetMeterOptions): BudgetMeter {
  const limits = { ...BUDGET_METER_THRESHOLDS, ...thresholds };
  const { scientificValues, nuisanceDimensions } = sizesOf(space, limits.scientificBuckets);
  const trialsPerValue = trialCount / scientificValues;
  const trialsPerDimension = nuisanceDimensions === 0 ? null : trialsPerValue / nuisanceDimensions;
  const enoughTrials = Math.ceil(limits.enough * Math.max(nuisanceDimensions, 1) * scientificValues);
  const numbers = {
    trialCount,
    scientificValues,
    trialsPerValue,
    nuisanceDimensions,
    trialsPerDimension,
    enoughTrials,
  };
  const ratio = trialsPerDimension ?? trialsPerValue * limits.enough;
  const verdict = ratio >= limits.enough ? 'enough' : ratio >= limits.scarce ? 'tight' : 'under-tuned';
  const reason = `${showCount(trialCount, 'trial')} for ${showCount(scientificValues, 'scientific value')}: ${showNumber(trialsPerValue)} each, for ${showCount(nuisanceDimensions, 'nuisance hyperparameter')}`;
  return {
    verdict,
    status: verdict === 'enough' ? 'pass' : verdict === 'tight' ? 'caution' : 'fail',
    reason: verdict === 'enough' ? reason : `${reason}; about ${enoughTrials} would be enough`,
    numbers,
    trials: [],
    next:
      verdict === 'enough'
        ? null
        : {
            action: 'add-trials',
            text: `run about ${enoughTrials} trials, compare fewer values, or fix nuisance hyperparameters with a reason`,
            trialCount: enoughTrials - trialCount,
          },
  };
}

interface Sizes {
  readonly scientificValues: number;
  readonly nuisanceDimensions: number;
}

/** Values multiply within a branch and add up over the branches of a choice; nuisance dimensions take the widest branch. */
function sizesOf(space: Space, buckets: number, prefix = ''): Sizes {
  const inBranch = space.hyperparameters.filter(({ name }) => prefixOf(name) === prefix);
  return inBranch.reduce<Sizes>(
    (sizes, hyperparameter) => {
      const own = sizesWithBranches(space, hyperparameter, buckets);
      return {
        scientificValues: sizes.scientificValues * own.scientificValues,
        nuisanceDimensions: sizes.nuisanceDimensions + own.nuisanceDimensions,
      };
    },
    { scientificValues: 1, nuisanceDimensions: 0 },
  );
}

function sizesWithBranches(space: Space, { name, role, domain }: Hyperparameter, buckets: number): Sizes {
  const isScientific = role === 'scientific';
  const count = valueCount(domain);
  const dimension = !isScientific && count > 1 ? 1 : 0;
  if (domain.type !== 'categorical')
    return { scientificValues: isScientific ? Math.min(count, buckets) : 1, nuisanceDimensions: dimension };
  const branches = domain.choices.map((choice) => sizesOf(space, buckets, `${name}=${choice}/`));
  const values = branches.map(({ scientificValues }) => scientificValues);
  return {
    scientificValues: isScientific ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values),
    nuisanceDimensions: dimension + Math.max(...branches.map(({ nuisanceDimensions }) => nuisanceDimensions)),
  };
}

/** `a=x/b=y/` of `a=x/b=y/c`; empty for one that is always in use. */
function prefixOf(name: string): string {
  return name.slice(0, name.length - parseName(name).leaf.length);
}
