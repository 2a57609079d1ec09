/** Reads a study's findings from the database. */
import { boundaries, rankTrials, regions, type Answer, type RoundReport } from '@kinetune/search';
import {
  countTrials,
  findValidationEvaluation,
  readCurves,
  type Curve,
  type Database,
  type Evaluation,
  type Study,
  type TrialResult,
} from '@kinetune/storage';
import { hasSecondPhaseBegun } from '../agent/search-plan.ts';
import { completedValues, type AnalysedConfiguration } from '../report/analysed-configurations.ts';
import { gatherReport, readDiagnosedEvidence, readEvidence } from '../report/gather-report.ts';
import { shownSampler, shownTrial } from '../report/report-input.ts';
import type { Baseline, DataSummary } from '../studies/data-summary.ts';
import { showDomain } from '../studies/study-changes.ts';
import type {
  Findings,
  FoundAnswer,
  FoundControl,
  FoundCurve,
  FoundHyperparameter,
  FoundSecondPhase,
  FoundShare,
  FoundTrial,
} from './findings.ts';
import { inSpaceOrder } from '../studies/space-order.ts';
import { nextSteps } from './next-steps.ts';
import { notEstablished } from './not-established.ts';

/** Trials that findings list. */
const TOP = 5;

export interface StudyData {
  readonly summary: DataSummary;
  readonly baselines: readonly Baseline[];
}

export interface GatherOptions {
  /** What is kept of the study's data; undefined where it never got that far. */
  readonly data: StudyData | undefined;
  /** The study's, where it has been computed already; computed here without it. */
  readonly report?: RoundReport;
  /** See `nextSteps`. */
  readonly trainWords?: readonly string[];
}

export async function gatherFindings(
  db: Database,
  study: Study,
  { data, trainWords, report: given }: GatherOptions,
): Promise<Findings> {
  const evidence = await (given === undefined ? readEvidence : readDiagnosedEvidence)(db, study);
  const { trials, configurations, engines } = evidence;
  const { direction } = study.objective;
  const ranked = rankTrials(configurations, direction).slice(0, TOP);
  const shown = ranked.map(shownTrial);
  const metrics = study.metrics.map(({ name }) => name);
  const curves = await readCurves(db, study.id, { trialIds: shown.map(({ id }) => id), metrics });
  const best = shown[0];
  const evaluation = best === undefined ? undefined : await findValidationEvaluation(db, best.id);
  const report = study.shuffleLabelsSeed === null ? (given ?? (await gatherReport(db, study, { evidence }))) : null;
  const found = {
    study: {
      name: study.name,
      goal: study.goal,
      model: study.model,
      state: study.state,
      seed: study.seed,
      sampler: shownSampler(study.sampler, engines),
      budgetTrials: study.budget.trials,
      secondPhase: foundSecondPhase(study, report),
      objective: study.objective,
      metrics,
      isBuiltIn: study.trainer.kind === 'built-in',
      isTrainable: study.trainer.kind !== 'imported',
      isControl: study.shuffleLabelsSeed !== null,
    },
    data: data?.summary ?? null,
    trials: await countTrials(db, study.id),
    baselines: data?.baselines ?? [],
    control: study.shuffleLabelsSeed === null ? null : await foundControl(db, study, { trials, data }),
    best: ranked.map((one, index) => foundTrial(one, curves[index] as Curve, study)),
    curve: best === undefined ? null : foundCurve(best, curves[0] as Curve),
    classes: classShares(evaluation, data?.summary.labels ?? []),
    people: personShares(evaluation),
    hyperparameters: hyperparameters(study, configurations),
    answers: (report?.checklist.answers ?? []).map(foundAnswer),
    proposals: report?.next ?? [],
    infeasible: trials
      .filter(({ state }) => state === 'INFEASIBLE')
      .map(({ number, reasonCode, reason }) => ({ trial: number, code: reasonCode ?? '', reason: reason ?? '' })),
    failed: trials
      .filter(({ state }) => state === 'FAILED')
      .map(({ number, reason }) => ({ trial: number, reason: reason ?? '' })),
  };
  return { ...found, notEstablished: notEstablished(found, study), next: nextSteps(found, trainWords) };
}

function foundSecondPhase(study: Study, report: RoundReport | null): FoundSecondPhase | null {
  if (study.exploit === null) return null;
  const hasBegun = hasSecondPhaseBegun(study);
  const isRefused = !hasBegun && study.exploit.override === null && report?.refinedSpace?.numbers.space === null;
  return { trials: study.exploit.trials, hasBegun, refusal: isRefused ? report.refinedSpace.reason : null };
}

function foundTrial(
  configuration: AnalysedConfiguration & { readonly bestValue: number },
  curve: Curve,
  { space, shuffleLabelsSeed }: Study,
): FoundTrial {
  const trial = shownTrial(configuration);
  const values = completedValues(configuration.trials);
  const at = shuffleLabelsSeed === null ? curve.steps.indexOf(trial.bestStep ?? -1) : curve.steps.length - 1;
  return {
    trial: configuration.number,
    value: configuration.bestValue,
    values,
    bestStep: trial.bestStep,
    bestEpoch: curve.epochs[at] ?? null,
    totalEpochs: trial.totalEpochs,
    weightCount: trial.weightCount,
    durationMs: trial.earlierRunningMs,
    metrics: Object.fromEntries(Object.entries(curve.values).map(([name, column]) => [name, column[at] ?? null])),
    configuration: inSpaceOrder(configuration.values, space),
  };
}

function foundCurve(trial: TrialResult, { epochs, values }: Curve): FoundCurve {
  return {
    trial: trial.number,
    epochs,
    trainLoss: values.trainLoss ?? [],
    validationLoss: values.validationLoss ?? [],
  };
}

/** Three points: what a control may be above the majority class before something is wrong. */
const CONTROL_TOLERANCE = 0.03;

async function foundControl(
  db: Database,
  study: Study,
  { trials, data }: { readonly trials: readonly TrialResult[]; readonly data: StudyData | undefined },
): Promise<FoundControl | null> {
  const majority = data?.baselines.find(({ name }) => name === 'majority-class');
  const completed = trials.filter(({ state }) => state === 'COMPLETED').map(({ id }) => id);
  const curves = await readCurves(db, study.id, { trialIds: completed, metrics: ['validationAccuracy'] });
  const last = curves.flatMap(({ values }) => values.validationAccuracy?.at(-1) ?? []);
  if (majority === undefined || last.length === 0) return null;
  const meanAccuracy = last.reduce((sum, value) => sum + value, 0) / last.length;
  return {
    meanAccuracy,
    majorityAccuracy: majority.accuracy,
    trials: last.length,
    isPassed: meanAccuracy <= majority.accuracy + CONTROL_TOLERANCE,
  };
}

function foundAnswer({ id, question, status, parts, isLocking, override }: Answer): FoundAnswer {
  const reasons = parts
    .filter((part) => part.status === status)
    .map(({ check, reason }) => {
      // Boundaries are told hyperparameter by hyperparameter.
      const about = /^(?:boundaries of|stability along) (\S+)$/.exec(check)?.[1];
      return about === undefined ? reason : `${about}: ${reason}`;
    });
  return { id, question, status, reasons, isLocking, override: override?.reason ?? null };
}

function classShares(evaluation: Evaluation | undefined, labels: readonly string[]): FoundShare[] {
  return (evaluation?.confusionMatrix ?? []).map((row, index) => ({
    name: labels[index] ?? `class ${index}`,
    correct: row[index] ?? 0,
    count: row.reduce((sum, count) => sum + count, 0),
  }));
}

function personShares(evaluation: Evaluation | undefined): FoundShare[] {
  return (evaluation?.perSubject ?? []).map(({ subject, correct, count }) => ({ name: subject, correct, count }));
}

function hyperparameters(study: Study, configurations: readonly AnalysedConfiguration[]): FoundHyperparameter[] {
  const { space, objective } = study;
  const found = regions(space, configurations, objective.direction);
  const edges = new Map(
    boundaries(space, configurations, objective.direction).map((boundary) => [boundary.name, boundary]),
  );
  return space.hyperparameters.flatMap(({ name, kind, role, domain }, index) => {
    const region = found[index];
    if (region === undefined) return [];
    return [{ name, kind, role, domain: showDomain(domain), region, boundary: edges.get(name) ?? null }];
  });
}
