/**
 * Three reasons why a result would differ another time, kept apart (Deep Learning Tuning Playbook, "Determining whether to adopt a
 * training pipeline change or hyperparameter configuration"; practices 70-73, 76):
 *
 *   retrain  other seeds of one configuration. Pooled over configurations that have replicates: sqrt(sum (n-1) s^2 / sum (n-1))
 *   study    another search of the same space and budget finds another best: the best of repeated studies, else the bootstrap of
 *            the best of one (see `best-of-k.ts`)
 *   data     other people: the folds of one configuration. It holds the retrain noise of one run a fold, too
 *
 * They are not added up: which of them matters depends on what is claimed.
 */
import type { Direction } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { bestOfK } from './best-of-k.ts';
import type { Check } from './check.ts';
import type { Run } from './replicates.ts';
import { standardDeviation } from './statistics/moments.ts';
import { showList, showNumber } from './wording.ts';

export const VARIANCE_SOURCES = ['retrain', 'study', 'data'] as const;
export type VarianceSource = (typeof VARIANCE_SOURCES)[number];

export const VARIANCE_THRESHOLDS = {
  /** Values beyond the number of groups (degrees of freedom) that an estimate needs. */
  fewestDegrees: 2,
} as const;

export interface VarianceEstimate {
  readonly source: VarianceSource;
  readonly standardDeviation: number;
  /** Degrees of freedom; null for the bootstrap. */
  readonly degrees: number | null;
  /** Where it comes from, for people. */
  readonly origin: string;
  readonly trials: readonly number[];
  /** Whether the pipeline changed since: another fingerprint than now. */
  readonly isStale: boolean;
}

export const VARIANCE_VERDICTS = ['all-known', 'some-known', 'none-known'] as const;
export type VarianceSources = Check<
  (typeof VARIANCE_VERDICTS)[number],
  Readonly<Record<VarianceSource, VarianceEstimate | null>>
>;

/** Runs of one configuration over folds, one a fold. */
export interface FoldRun {
  readonly trial: number;
  readonly fold: number;
  readonly value: number | null;
}

export interface VarianceEvidence {
  readonly direction: Direction;
  /** Groups of runs that share a configuration, each with seeds of its own. */
  readonly replicateGroups?: readonly (readonly Run[])[];
  /** The search at hand, for the bootstrap. */
  readonly study?: readonly AnalysedTrial[];
  /** The best of each repetition of the study with another sampler seed. */
  readonly repeatedBests?: readonly { readonly trial: number; readonly value: number }[];
  readonly folds?: readonly FoldRun[];
  /** Of the pipeline (code, engine, data, split): when the evidence was made, and now. */
  readonly fingerprints?: { readonly now: string } & Partial<Record<VarianceSource, string>>;
  readonly thresholds?: Partial<Record<keyof typeof VARIANCE_THRESHOLDS, number>>;
}

export function varianceSources(evidence: VarianceEvidence): VarianceSources {
  const { fewestDegrees } = { ...VARIANCE_THRESHOLDS, ...evidence.thresholds };
  const isStale = (source: VarianceSource): boolean => {
    const made = evidence.fingerprints?.[source];
    return made !== undefined && made !== evidence.fingerprints?.now;
  };
  const known = (found: Omit<VarianceEstimate, 'isStale'> | null): VarianceEstimate | null =>
    found === null || (found.degrees !== null && found.degrees < fewestDegrees)
      ? null
      : { ...found, isStale: isStale(found.source) };
  const numbers = {
    retrain: known(retrainOf(evidence)),
    study: known(repeatedOf(evidence)) ?? known(bootstrapOf(evidence)),
    data: known(dataOf(evidence)),
  };
  const estimates = VARIANCE_SOURCES.flatMap((source) => numbers[source] ?? []);
  const missing = VARIANCE_SOURCES.filter((source) => numbers[source] === null);
  const shown = estimates.map(
    (one) =>
      `${one.source} ±${showNumber(one.standardDeviation)} (${one.origin}${one.isStale ? '; from an older pipeline' : ''})`,
  );
  const base = { numbers, trials: [...new Set(estimates.flatMap(({ trials }) => trials))] };
  const next = missing[0] === undefined ? null : ({ action: 'replicate', text: MEASURE[missing[0]] } as const);
  if (estimates.length === 0) {
    const reason = 'neither retrain, study nor data variance was measured: one run of one search on one split';
    return { ...base, verdict: 'none-known', status: 'not-known', reason, next };
  }
  const unknown = missing.length === 0 ? '' : `; not measured: ${showList(missing)}`;
  const isCurrent = estimates.every((one) => !one.isStale);
  return {
    ...base,
    verdict: missing.length === 0 ? 'all-known' : 'some-known',
    status: missing.length === 0 && isCurrent ? 'pass' : 'caution',
    reason: `${shown.join(', ')}${unknown}`,
    next,
  };
}

const MEASURE: Readonly<Record<VarianceSource, string>> = {
  retrain: 'train the best configuration with five other seeds',
  study: 'repeat the study with another sampler seed',
  data: 'train the best configuration on every fold of people',
};

function retrainOf({ replicateGroups = [] }: VarianceEvidence): Omit<VarianceEstimate, 'isStale'> | null {
  let squares = 0;
  let degrees = 0;
  const trials: number[] = [];
  for (const group of replicateGroups) {
    const valued = group.filter(({ value }) => value !== null && Number.isFinite(value));
    const sd = standardDeviation(valued.map(({ value }) => value as number));
    if (sd === null) continue;
    squares += (valued.length - 1) * sd * sd;
    degrees += valued.length - 1;
    trials.push(...valued.map(({ trial }) => trial));
  }
  if (degrees === 0) return null;
  const groups = trials.length - degrees;
  const origin = `${trials.length} runs of ${groups === 1 ? 'one configuration' : `${groups} configurations`}`;
  return { source: 'retrain', standardDeviation: Math.sqrt(squares / degrees), degrees, origin, trials };
}

function repeatedOf({ repeatedBests = [] }: VarianceEvidence): Omit<VarianceEstimate, 'isStale'> | null {
  const sd = standardDeviation(repeatedBests.map(({ value }) => value));
  return sd === null
    ? null
    : {
        source: 'study',
        standardDeviation: sd,
        degrees: repeatedBests.length - 1,
        origin: `the best of ${repeatedBests.length} studies with sampler seeds of their own`,
        trials: repeatedBests.map(({ trial }) => trial),
      };
}

function bootstrapOf({ study, direction }: VarianceEvidence): Omit<VarianceEstimate, 'isStale'> | null {
  if (study === undefined) return null;
  const { numbers, verdict, trials } = bestOfK(study, { direction, budgets: [] });
  return numbers.luck === null || verdict === 'too-few'
    ? null
    : {
        source: 'study',
        standardDeviation: numbers.luck,
        degrees: null,
        origin: `bootstrap of the best of ${numbers.trialCount} trials`,
        trials,
      };
}

function dataOf({ folds = [] }: VarianceEvidence): Omit<VarianceEstimate, 'isStale'> | null {
  const valued = folds.filter(({ value }) => value !== null && Number.isFinite(value));
  const sd = standardDeviation(valued.map(({ value }) => value as number));
  return sd === null
    ? null
    : {
        source: 'data',
        standardDeviation: sd,
        degrees: valued.length - 1,
        origin: `${valued.length} folds by person, retrain noise included`,
        trials: valued.map(({ trial }) => trial),
      };
}
