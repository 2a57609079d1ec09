/**
 * Precision and recall of every label on the stored runs.
 *
 * The rule, for a label L:
 * - A run planted with L counts if L's statistic exceeds that of its healthy twin (same seed) by three standard deviations of seed noise
 *   and reaches the floor that its plant names. Seed noise is the spread of the statistic over the healthy twins of the same
 *   recordings and family. A run that diverged before its second evaluation does not count.
 * - Positives: the counted runs of L. Those found are true positives.
 * - Negatives: every healthy run, and every run planted with another label whose cause rules L out (`excludes`). Those found are false
 *   positives. Other runs say nothing of L: a learning rate that never decays may well overfit too.
 * - Precision depends on how many negatives there are for a positive, so the rate of false positives stands beside it.
 *
 * A detector is given what a trial stores, without the confusion matrix: `collapsed` is counted by it.
 */
import { CURVE_LABELS, diagnoseCurves, type CurveLabel, type DiagnoseCurvesOptions } from '@kinetune/search';
import { PLANTS } from './plants/index.ts';
import type { Plant } from './plant.ts';
import { halfOf, type Half } from './planned-runs.ts';
import { spread } from './statistics.ts';
import type { StoredRun } from './stored-run.ts';

export interface LabelScore {
  readonly label: CurveLabel;
  /** Planted, and of them counted. */
  readonly planted: number;
  readonly counted: number;
  readonly truePositives: number;
  readonly negatives: number;
  readonly falsePositives: number;
  /** Null where nothing was found, or nothing counted. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly missed: readonly StoredRun[];
  readonly wrong: readonly StoredRun[];
}

const SEED_NOISES = 3;

export function scoreRuns(
  runs: readonly StoredRun[],
  half: Half,
  options: DiagnoseCurvesOptions = {},
): readonly LabelScore[] {
  const own = runs.filter(({ seed }) => halfOf(seed) === half);
  const found = new Map(own.map((run) => [run, labelsOf(run, options)]));
  return PLANTS.map((plant): LabelScore => {
    const { label } = plant;
    const planted = own.filter((run) => run.label === label);
    const counted = planted.filter((run) => isCounted(run, plant, runs));
    const ruledOut = PLANTS.filter(({ excludes }) => excludes.includes(label)).map((other) => other.label);
    const negatives = own.filter((run) => run.label === null || ruledOut.includes(run.label));
    const isFound = (run: StoredRun): boolean => found.get(run)?.includes(label) === true;
    const truePositives = counted.filter(isFound).length;
    const wrong = negatives.filter(isFound);
    return {
      label,
      planted: planted.length,
      counted: counted.length,
      truePositives,
      negatives: negatives.length,
      falsePositives: wrong.length,
      precision: truePositives + wrong.length === 0 ? null : truePositives / (truePositives + wrong.length),
      recall: counted.length === 0 ? null : truePositives / counted.length,
      missed: counted.filter((run) => !isFound(run)),
      wrong,
    };
  }).sort((a, b) => CURVE_LABELS.indexOf(a.label) - CURVE_LABELS.indexOf(b.label));
}

/** What the detectors find in a run, given what a trial stores. */
export function labelsOf(run: StoredRun, options: DiagnoseCurvesOptions = {}): readonly CurveLabel[] {
  const { seed: number, measurements, totalEpochs, stepsPerEpoch, warmupSteps, divergedAtEpoch, validationCount } = run;
  const state = divergedAtEpoch === null ? 'COMPLETED' : 'INFEASIBLE';
  const warmupEpochs = warmupSteps / stepsPerEpoch;
  const classCount = run.recordings === 'watch' ? 7 : 6;
  const trial = {
    number,
    state,
    measurements,
    totalEpochs,
    warmupEpochs,
    divergedAtEpoch,
    validationCount,
    classCount,
  };
  return diagnoseCurves(trial as Parameters<typeof diagnoseCurves>[0], options).labels;
}

function isCounted(run: StoredRun, { label, statistic, atLeast }: Plant, runs: readonly StoredRun[]): boolean {
  if (run.label !== label || run.measurements.length < 2) return false;
  const facts = { period: run.period };
  const alike = runs.filter(
    ({ label: planted, recordings, family }) =>
      planted === null && recordings === run.recordings && family === run.family,
  );
  const twin = alike.find(({ seed }) => seed === run.seed);
  const value = statistic(run, facts);
  const healthy = twin === undefined ? null : statistic(twin, facts);
  const noise = spread(alike.flatMap((other) => statistic(other, facts) ?? []));
  if (value === null || healthy === null) return false;
  return value >= atLeast && value - healthy > SEED_NOISES * noise;
}
