/** Reads what a study's report is made of from the database; libs/search judges it. */
import {
  rankTrials,
  roundReport,
  type CurveFinding,
  type MeasuredCurve,
  type QuestionId,
  type ReportInput,
  type RoundReport,
} from '@kinetune/search';
import {
  findValidationEvaluations,
  listTrialResults,
  readCurves,
  readDetails,
  samplerEngines,
  type Database,
  type Study,
  type TrialResult,
} from '@kinetune/storage';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { adoptionOf } from './adoption-of.ts';
import { analysedConfigurations, trainedValues, type AnalysedConfiguration } from './analysed-configurations.ts';
import { varianceEvidence } from './variance-evidence.ts';

export interface ReportOptions {
  /** Number of the trial whose configuration is in use, for the adoption card. */
  readonly baseline?: number | undefined;
  /** What was read of the study already. */
  readonly evidence?: StudyEvidence;
}

/** A study's trials, what they make of its configurations, and who proposed them. */
export interface StudyEvidence {
  readonly trials: readonly TrialResult[];
  readonly configurations: readonly AnalysedConfiguration[];
  readonly engines: readonly string[];
}

export async function readEvidence(db: Database, study: Study): Promise<StudyEvidence> {
  // Trials that ended under an older version, or without us, were not looked at yet.
  await diagnoseLeft(db, study, new AbortController().signal);
  return readDiagnosedEvidence(db, study);
}

/** The same, but for diagnoses that are missing. */
export async function readDiagnosedEvidence(db: Database, study: Study): Promise<StudyEvidence> {
  const trials = await listTrialResults(db, study.id);
  const configurations = analysedConfigurations(trials, study.space);
  return { trials, configurations, engines: await samplerEngines(db, study.id) };
}

/**
 * Configurations whose whole curves are looked at again, the best first: what each curve says by itself was computed when its trial
 * ended. Enough for checks of a study, and it bounds what a report reads.
 */
const MOST_CURVES = 100;
/** The sampler, and the engines it took where it is not one itself. */
export function shownSampler({ kind }: Study['sampler'], engines: readonly string[]): string {
  const others = engines.filter((engine) => engine !== kind);
  return others.length === 0 ? kind : `${kind} (${others.join(', ')})`;
}

/** Samplers that look at results. */
const ADAPTIVE: readonly string[] = ['gp', 'tpe'];

export async function gatherReport(db: Database, study: Study, options: ReportOptions = {}): Promise<RoundReport> {
  return roundReport(await gatherReportInput(db, study, options));
}

/** All that a report is computed from, a plain value: computing it may be left to another thread. */
export async function gatherReportInput(
  db: Database,
  study: Study,
  { baseline, evidence }: ReportOptions = {},
): Promise<ReportInput> {
  const { space, objective } = study;
  const { direction } = objective;
  const { trials, configurations, engines } = evidence ?? (await readEvidence(db, study));
  const ranked = rankTrials(configurations, direction);
  const isRanked = new Set<AnalysedConfiguration>(ranked);
  const bestFirst = [...ranked, ...configurations.filter((one) => !isRanked.has(one))];
  return {
    study: reportStudy(study, engines),
    trials: configurations,
    curves: configurations.flatMap(findingsOf),
    ...(await measuredParts(db, study, bestFirst)),
    durations: trials.flatMap(({ number, replicate, state, earlierRunningMs }) =>
      replicate === 0 && state !== 'FAILED' && earlierRunningMs > 0
        ? [{ trial: number, durationMs: earlierRunningMs }]
        : [],
    ),
    ...(varies(study, 'schedule') ? { scheduleGroup: seededTrials(configurations, study) } : {}),
    variance: varianceEvidence(ranked),
    adoption: adoptionOf(ranked, { direction, space, baseline }),
    overrides: study.overrides.map(({ question, ...rest }) => ({ ...rest, question: question as QuestionId })),
    conclusion: study.conclusion,
    thresholds: study.thresholds,
  };
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

/** The trial that stands for its configuration: the first that completed, else the first. */
export function shownTrial({ trials }: AnalysedConfiguration): TrialResult {
  return trials.find(({ state }) => state === 'COMPLETED') ?? (trials[0] as TrialResult);
}

function findingsOf(configuration: AnalysedConfiguration): NonNullable<ReportInput['curves']> {
  return (shownTrial(configuration).diagnosis?.findings ?? []) as readonly CurveFinding[];
}

/** Curves and evaluations of the first configurations. */
async function measuredParts(
  db: Database,
  study: Study,
  configurations: readonly AnalysedConfiguration[],
): Promise<Pick<ReportInput, 'measured' | 'evaluations'>> {
  const shown = configurations.slice(0, MOST_CURVES).map(shownTrial);
  const trialIds = shown.map(({ id }) => id);
  const metrics = study.metrics.map(({ name }) => name);
  const [curves, details, evaluations] = await Promise.all([
    readCurves(db, study.id, { trialIds, metrics }),
    readDetails(db, trialIds),
    findValidationEvaluations(db, trialIds),
  ]);
  const measured = shown.map((trial, index): MeasuredCurve => {
    const { steps, epochs, values } = curves[index] as (typeof curves)[number];
    const { number, state, fold, totalSteps } = trial;
    return { number, state, fold, totalSteps, steps, epochs, values, details: details.get(trial.id) ?? [] };
  });
  return {
    measured,
    evaluations: shown.flatMap(({ id, number }, index) => {
      const evaluation = evaluations.get(id);
      if (evaluation === undefined) return [];
      const { steps, values } = measured[index] as MeasuredCurve;
      const at = steps.indexOf(evaluation.step);
      return [
        {
          trial: number,
          confusionMatrix: evaluation.confusionMatrix,
          perSubject: evaluation.perSubject,
          values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column[at] ?? null])),
        },
      ];
    }),
  };
}

function varies({ space }: Study, leaf: string): boolean {
  return space.hyperparameters.some(({ name }) => name === leaf || name.endsWith(`/${leaf}`));
}

/** One a trial, with every value that it trained with. */
export function seededTrials(
  configurations: readonly AnalysedConfiguration[],
  { space }: Pick<Study, 'space'>,
): NonNullable<ReportInput['scheduleGroup']> {
  return configurations.flatMap((configuration) =>
    configuration.trials.map(({ number, state, bestValue, seed, fold }) => ({
      number,
      state,
      bestValue,
      seed,
      fold,
      values: trainedValues(space, configuration),
    })),
  );
}
