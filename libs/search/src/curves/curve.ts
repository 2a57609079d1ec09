/** A trial's curves as the detectors see them: finite points of each metric, and the finest view there is of the training loss. */
import type { ConfusionMatrix, Measurement, TrialState } from '@kinetune/study';

/** Names of the metrics, where a trainer calls them otherwise; null for one it does not have. */
export interface CurveMetricNames {
  readonly trainLoss: string | null;
  readonly validationLoss: string | null;
  readonly validationAccuracy: string | null;
  readonly validationMacroF1: string | null;
  readonly learningRate: string | null;
}

export const CURVE_METRIC_NAMES: CurveMetricNames = {
  trainLoss: 'trainLoss',
  validationLoss: 'validationLoss',
  validationAccuracy: 'validationAccuracy',
  validationMacroF1: 'validationMacroF1',
  learningRate: 'learningRate',
};

/** A trial with what is known of it besides its measurements. */
export interface MeasuredTrial {
  readonly number: number;
  readonly state: TrialState;
  /** By rising step. */
  readonly measurements: readonly Measurement[];
  /** The length it was to train for; default: that of the last measurement. */
  readonly totalEpochs?: number | null;
  readonly warmupEpochs?: number | null;
  /** Passes over the training data at which a loss or gradient was no longer finite. */
  readonly divergedAtEpoch?: number | null;
  /** Rows are true labels, columns predictions; of the last evaluation, or of the best where that is all there is. */
  readonly confusionMatrix?: ConfusionMatrix | null;
  readonly validationCount?: number | null;
  /** K, of the validation windows. */
  readonly classCount?: number | null;
}

export interface Point {
  /** Passes over the training data. */
  readonly epoch: number;
  readonly value: number;
}

/** Training loss over a part of an epoch, or over a whole one where no parts were sent. */
export interface LossPart {
  /** At its end. */
  readonly epoch: number;
  readonly mean: number;
  readonly maximum: number;
}

export interface Curve {
  readonly trainLoss: readonly Point[];
  readonly validationLoss: readonly Point[];
  readonly validationAccuracy: readonly Point[];
  readonly validationMacroF1: readonly Point[];
  readonly learningRate: readonly Point[];
  readonly lossParts: readonly LossPart[];
  /** Mean training loss [epoch][part]: epochs whose parts are as many as most have, whole and finite. */
  readonly lossByPart: readonly { readonly epoch: number; readonly parts: readonly number[] }[];
  /** Whether the trial trained to its end: only then its end says something about its length. */
  readonly isComplete: boolean;
  readonly lastEpoch: number;
  readonly totalEpochs: number;
  readonly warmupEpochs: number;
  /** Also where the training loss was null from some evaluation on. */
  readonly divergedAtEpoch: number | null;
  readonly confusionMatrix: ConfusionMatrix | null;
  readonly validationCount: number | null;
  readonly classCount: number | null;
}

export function curveOf(trial: MeasuredTrial, names: CurveMetricNames = CURVE_METRIC_NAMES): Curve {
  const { measurements, state, totalEpochs, confusionMatrix = null } = trial;
  const points = (name: string | null): readonly Point[] =>
    name === null
      ? []
      : measurements.flatMap(({ epoch, values }) => {
          const value = values[name];
          return isFiniteNumber(value) ? [{ epoch, value }] : [];
        });
  const trainLoss = points(names.trainLoss);
  const lastEpoch = measurements.at(-1)?.epoch ?? 0;
  const fromMatrix = confusionMatrix?.flat().reduce((sum, count) => sum + count, 0);
  const matrixClasses = confusionMatrix?.filter((row) => row.some((count) => count > 0)).length;
  return {
    trainLoss,
    validationLoss: points(names.validationLoss),
    validationAccuracy: points(names.validationAccuracy),
    validationMacroF1: points(names.validationMacroF1),
    learningRate: points(names.learningRate),
    lossParts: lossParts(measurements, trainLoss),
    lossByPart: lossByPart(measurements),
    isComplete: state === 'COMPLETED',
    lastEpoch,
    totalEpochs: Math.max(totalEpochs ?? 0, lastEpoch),
    warmupEpochs: trial.warmupEpochs ?? 0,
    divergedAtEpoch: trial.divergedAtEpoch ?? lostAt(measurements, names.trainLoss),
    confusionMatrix,
    validationCount: trial.validationCount ?? fromMatrix ?? null,
    classCount: trial.classCount ?? matrixClasses ?? null,
  };
}

/**
 * Lower is better: the validation loss, which knows of progress that a score of few windows cannot show; where there are fewer than so
 * many of it, 1 less the score.
 */
export function validationCourse(curve: Curve, fewest: number): readonly Point[] {
  if (curve.validationLoss.length >= fewest) return curve.validationLoss;
  const score = curve.validationAccuracy.length > 0 ? curve.validationAccuracy : curve.validationMacroF1;
  return score.map(({ epoch, value }) => ({ epoch, value: 1 - value }));
}

/** Parts where the trainer sends them, else evaluations. */
function lossParts(measurements: readonly Measurement[], trainLoss: readonly Point[]): readonly LossPart[] {
  const parts = measurements.flatMap(({ epoch, detail }, i) => {
    const spreads = detail?.trainLoss ?? [];
    const before = measurements[i - 1]?.epoch ?? 0;
    return spreads.flatMap(({ mean, maximum }, part): readonly LossPart[] =>
      isFiniteNumber(mean) && isFiniteNumber(maximum)
        ? [{ epoch: before + ((epoch - before) * (part + 1)) / spreads.length, mean, maximum }]
        : [],
    );
  });
  return parts.length > 0 ? parts : trainLoss.map(({ epoch, value }) => ({ epoch, mean: value, maximum: value }));
}

function lossByPart(measurements: readonly Measurement[]): Curve['lossByPart'] {
  const all = measurements.map(({ epoch, detail }) => ({
    epoch,
    parts: (detail?.trainLoss ?? []).map(({ mean }) => mean).filter(isFiniteNumber),
  }));
  const most = Math.max(0, ...all.map(({ parts }) => parts.length));
  return most < 2 ? [] : all.filter(({ parts }) => parts.length === most);
}

/** The first evaluation from which on the training loss, null or not a number, is no longer finite as it was before. */
function lostAt(measurements: readonly Measurement[], name: string | null): number | null {
  if (name === null) return null;
  const finite = measurements.map(({ values }) => isFiniteNumber(values[name]));
  const last = finite.lastIndexOf(true);
  const lost = measurements[last + 1];
  return last >= 0 && lost !== undefined && lost.values[name] !== undefined ? lost.epoch : null;
}

function isFiniteNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
