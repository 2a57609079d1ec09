/** What a report is computed from, made of what was read of a study: no database is needed here. */
import { rankTrials, type CurveFinding, type MeasuredCurve, type QuestionId, type ReportInput } from '@kinetune/search';
import type { Study, TrialResult } from '@kinetune/storage';
import type { TrialRecord } from '../agent/read-records.ts';
import { adoptionOf } from './adoption-of.ts';
import type { AnalysedConfiguration } from './analysed-configurations.ts';
import { varianceEvidence } from './variance-evidence.ts';

/** The whole curve of a trial, and how it did on the validation people. */
export interface MeasuredTrial {
  readonly trialId: string;
  readonly curve: MeasuredCurve;
  readonly evaluation: NonNullable<ReportInput['evaluations']>[number] | null;
}

export interface ReportParts {
  readonly configurations: readonly AnalysedConfiguration[];
  /** Those who proposed them. */
  readonly engines: readonly string[];
  /** Of `curveTrials`, in their order. */
  readonly measured: readonly MeasuredTrial[];
  /** Number of the trial whose configuration is in use, for the adoption card. */
  readonly baseline?: number | undefined;
}

/**
 * Configurations whose whole curves are looked at again, the best first: what each curve says by itself was computed when its trial
 * ended. Enough for checks of a study, and it bounds what a report reads.
 */
const MOST_CURVES = 100;

/** Samplers that look at results. */
const ADAPTIVE: readonly string[] = ['gp', 'tpe'];

/** A plain value: computing the report may be left to another thread. */
export function reportInput(study: Study, { configurations, engines, measured, baseline }: ReportParts): ReportInput {
  const { space, objective } = study;
  const { direction } = objective;
  const ranked = rankTrials(configurations, direction);
  return {
    study: reportStudy(study, engines),
    trials: configurations,
    curves: configurations.flatMap(findingsOf),
    measured: measured.map(({ curve }) => curve),
    evaluations: measured.flatMap(({ evaluation }) => evaluation ?? []),
    durations: configurations.flatMap(({ number, trials }) =>
      trials.flatMap(({ replicate, state, earlierRunningMs }) =>
        replicate === 0 && state !== 'FAILED' && earlierRunningMs > 0
          ? [{ trial: number, durationMs: earlierRunningMs }]
          : [],
      ),
    ),
    ...(varies(study, 'schedule') ? { scheduleGroup: seededTrials(configurations) } : {}),
    variance: varianceEvidence(ranked),
    adoption: adoptionOf(ranked, { direction, space, baseline }),
    overrides: study.overrides.map(({ question, ...rest }) => ({ ...rest, question: question as QuestionId })),
    conclusion: study.conclusion,
    thresholds: study.thresholds,
  };
}

/** The trials whose whole curves a report looks at. */
export function curveTrials(
  { objective }: Pick<Study, 'objective'>,
  configurations: readonly AnalysedConfiguration[],
): readonly TrialResult[] {
  const ranked = rankTrials(configurations, objective.direction).slice(0, MOST_CURVES);
  const isRanked = new Set<AnalysedConfiguration>(ranked);
  const others = configurations.filter((one) => !isRanked.has(one)).slice(0, MOST_CURVES - ranked.length);
  return [...ranked, ...others].map(shownTrial);
}

export function measuredTrial(
  { id, number, state, fold, totalSteps }: TrialResult,
  { curve: { steps, epochs, values }, details, evaluation }: TrialRecord,
): MeasuredTrial {
  const curve = { number, state, fold, totalSteps, steps, epochs, values, details };
  if (evaluation === undefined) return { trialId: id, curve, evaluation: null };
  const { step, confusionMatrix, perSubject } = evaluation;
  const at = steps.indexOf(step);
  return {
    trialId: id,
    curve,
    evaluation: {
      trial: number,
      confusionMatrix,
      perSubject,
      values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column[at] ?? null])),
    },
  };
}

/** The trial that stands for its configuration: the first that completed, else the first. */
export function shownTrial({ trials }: AnalysedConfiguration): TrialResult {
  return trials.find(({ state }) => state === 'COMPLETED') ?? (trials[0] as TrialResult);
}

/** The sampler, and the engines it took where it is not one itself. */
export function shownSampler({ kind }: Study['sampler'], engines: readonly string[]): string {
  const others = engines.filter((engine) => engine !== kind);
  return others.length === 0 ? kind : `${kind} (${others.join(', ')})`;
}

/** One a trial, with every value that it trained with. */
export function seededTrials(
  configurations: readonly AnalysedConfiguration[],
): NonNullable<ReportInput['scheduleGroup']> {
  return configurations.flatMap(({ trials, trainedValues }) =>
    trials.map(({ number, state, bestValue, seed, fold }) => ({
      number,
      state,
      bestValue,
      seed,
      fold,
      values: trainedValues,
    })),
  );
}

function reportStudy(study: Study, engines: readonly string[]): ReportInput['study'] {
  const { name, goal, phase, objective, space, sampler, pruner, parallelism, metrics, earlyStopping } = study;
  return {
    name,
    goal,
    phase,
    metric: objective.metric,
    direction: objective.direction,
    space,
    sampler: shownSampler(sampler, engines),
    isAdaptive: engines.some((engine) => ADAPTIVE.includes(engine)),
    pruner: pruner.kind,
    hasEarlyStopping: (earlyStopping ?? null) !== null,
    ...(parallelism === null ? {} : { parallelism }),
    metrics,
  };
}

function findingsOf(configuration: AnalysedConfiguration): NonNullable<ReportInput['curves']> {
  return (shownTrial(configuration).diagnosis?.findings ?? []) as readonly CurveFinding[];
}

function varies({ space }: Study, leaf: string): boolean {
  return space.hyperparameters.some(({ name }) => name === leaf || name.endsWith(`/${leaf}`));
}
