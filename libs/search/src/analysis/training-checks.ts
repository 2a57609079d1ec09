/** How training went: what curves, evaluations and other lengths of the same study say beside the five questions. */
import { BUILT_IN_METRICS } from '@kinetune/study';
import { accidentalRegularisation, type AccidentalRegularisation } from './accidental-regularisation.ts';
import { computeBound, type ComputeBound } from './compute-bound.ts';
import type { ReportedCheck } from './design-checks.ts';
import { evaluationSpacing, type EvaluationSpacing } from './evaluation-spacing.ts';
import { gradientClipping, type GradientClipping } from './gradient-clipping.ts';
import { instabilityRemedies, type InstabilityRemedies } from './instability-remedies.ts';
import { lateNoise, type LateNoise } from './late-noise.ts';
import { lengthTransfer, type LengthTransfer } from './length-transfer.ts';
import { rankTrials, topCount } from './rank-trials.ts';
import type { RefinedSpace } from './refined-space.ts';
import type { ReportInput } from './report-input.ts';
import { reranks, type Rerank } from './rerank.ts';
import { compareSchedules, type ScheduleComparison } from './schedule-comparison.ts';
import { stabilityLimit, type StabilityLimit } from './stability-limit.ts';
import { transferTable, type TransferTable } from './transfer-table.ts';
import { weightedMetrics, type WeightedMetrics } from './weighted-metrics.ts';

export interface TrainingChecks {
  readonly weighting: WeightedMetrics;
  readonly evaluationSpacing: EvaluationSpacing;
  readonly overfitting: AccidentalRegularisation;
  readonly lateNoise: LateNoise;
  readonly computeBound: ComputeBound;
  readonly instability: InstabilityRemedies;
  readonly stabilityLimit: StabilityLimit;
  readonly clipping: GradientClipping;
  /** Null where the study was not trained for another length. */
  readonly lengthTransfer: LengthTransfer | null;
  /** What a longer round keeps, narrows and tunes again; null where training is not compute-bound. */
  readonly transfer: TransferTable | null;
  /** Null where no schedules are compared. */
  readonly schedules: ScheduleComparison | null;
  /** The trials by other metrics, and by their last step; empty without curves. */
  readonly reranks: readonly Rerank[];
}

export function trainingChecks(
  {
    study,
    trials,
    curves = null,
    measured = [],
    evaluations = [],
    otherLength,
    scheduleGroup,
    thresholds = {},
  }: ReportInput,
  { refined }: { readonly refined: RefinedSpace },
): TrainingChecks {
  const { space, metric, direction, isAdaptive, metrics = BUILT_IN_METRICS } = study;
  const objective = { metric, direction };
  const ranked = rankTrials(trials, direction);
  const top = new Set(ranked.slice(0, Math.max(5, topCount(ranked.length))).map(({ number }) => number));
  const topCurves = measured
    .filter(({ number }) => top.has(number))
    .map(({ number, steps, values }) => ({ number, steps, values: values[metric] ?? steps.map(() => null) }));
  const lengths = trials.flatMap(({ totalSteps }) => totalSteps ?? []);
  const totalSteps = lengths.length === 0 ? null : Math.max(...lengths);
  const bound = computeBound(trials, { ...objective, measured, thresholds: thresholds.computeBound ?? {} });
  return {
    weighting: weightedMetrics(evaluations, { thresholds: thresholds.weightedMetrics ?? {} }),
    evaluationSpacing: evaluationSpacing(topCurves, { direction, thresholds: thresholds.evaluationSpacing ?? {} }),
    overfitting: accidentalRegularisation(space, trials, {
      direction,
      findings: curves ?? [],
      thresholds: thresholds.overfitting ?? {},
    }),
    lateNoise: lateNoise(trials, {
      ...objective,
      measured,
      validationWindows: windowsOf(evaluations, ranked[0]?.number),
      thresholds: thresholds.lateNoise ?? {},
    }),
    computeBound: bound,
    instability: instabilityRemedies(space, { findings: curves, measured, thresholds: thresholds.instability ?? {} }),
    stabilityLimit: stabilityLimit(trials, {
      direction,
      measured,
      findings: curves,
      thresholds: thresholds.stabilityLimit ?? {},
    }),
    clipping: gradientClipping(measured, { thresholds: thresholds.clipping ?? {} }),
    lengthTransfer:
      otherLength === undefined || totalSteps === null
        ? null
        : lengthTransfer({ totalSteps, trials }, otherLength, {
            direction,
            thresholds: thresholds.lengthTransfer ?? {},
          }),
    transfer:
      bound.verdict === 'compute-bound' && bound.next?.trainingSteps !== undefined
        ? transferTable(space, trials, { direction, refined, trainingSteps: bound.next.trainingSteps })
        : null,
    schedules: scheduleGroup === undefined ? null : compareSchedules(scheduleGroup, { direction }),
    reranks: reranks(measured, { objective, isAdaptive, metrics, thresholds: thresholds.rerank ?? {} }),
  };
}

/** From what makes every number wrong to what may be gained. */
export function trainingLines(training: TrainingChecks): readonly ReportedCheck[] {
  return [
    { title: 'do windows count equally', ...training.weighting },
    { title: 'evaluations', ...training.evaluationSpacing },
    { title: 'late noise', ...training.lateNoise },
    { title: 'overfitting', ...training.overfitting },
    { title: 'length', ...training.computeBound },
    { title: 'instability', ...training.instability },
    { title: 'larger learning rates', ...training.stabilityLimit },
    { title: 'gradient clipping', ...training.clipping },
    ...(training.lengthTransfer === null ? [] : [{ title: 'another length', ...training.lengthTransfer }]),
    ...(training.schedules === null ? [] : [{ title: 'decay of the learning rate', ...training.schedules }]),
  ];
}

function windowsOf(evaluations: NonNullable<ReportInput['evaluations']>, best: number | undefined): number | null {
  const found = evaluations.find(({ trial }) => trial === best) ?? evaluations[0];
  return found === undefined
    ? null
    : found.confusionMatrix.reduce((sum, row) => sum + row.reduce((inRow, count) => inRow + count, 0), 0);
}
