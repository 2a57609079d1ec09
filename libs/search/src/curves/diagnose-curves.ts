/**
 * What a trial's curves show, once, when it ends (Deep Learning Tuning Playbook, "Examining the training curves"; practices 54-64, 92,
 * 106-112): a check for each label, the labels found, and the findings that a study's checklist takes. A function of its arguments.
 */
import type { Values } from '@kinetune/study';
import type { Check, CheckStatus, NextStep } from '../analysis/check.ts';
import type { CurveFinding } from '../analysis/checklist.ts';
import { curveOf, CURVE_METRIC_NAMES, type Curve, type CurveMetricNames, type MeasuredTrial } from './curve.ts';
import { CURVE_LABELS, type CurveLabel } from './curve-label.ts';
import type { SightingVerdict } from './curve-sighting.ts';
import { withChanges, type CurveThresholds } from './curve-thresholds.ts';
import { remediesFor, type AdvisedHyperparameter, type RemedyContext } from './remedies.ts';
import { sightCurve } from './sight-curve.ts';

/** Counts up when the same curve may be diagnosed otherwise than before: stored diagnoses of an older one are computed again. */
export const CURVE_DIAGNOSIS_VERSION = 3;

export interface CurveCheck extends Check<SightingVerdict, Readonly<Record<string, number | null>>> {
  readonly label: CurveLabel;
  /** Where it shows; empty where it was not found. */
  readonly epochs: readonly number[];
  /** In the Playbook's order, `next` the first of them; empty where it was not found. */
  readonly remedies: readonly NextStep[];
}

export interface CurveDiagnosis {
  readonly version: number;
  readonly trial: number;
  /** Labels found, the gravest first; empty for a healthy trial, and for one of which nothing is known. */
  readonly labels: readonly CurveLabel[];
  /** One for each label, in the order of `CURVE_LABELS`. */
  readonly checks: readonly CurveCheck[];
}

export interface DiagnoseCurvesOptions {
  /** Where a trainer calls its metrics otherwise. */
  readonly metricNames?: Partial<CurveMetricNames>;
  /** All of the study, tuned and fixed: advice follows their roles. */
  readonly hyperparameters?: readonly AdvisedHyperparameter[];
  /** The trial's configuration. */
  readonly values?: Values;
  readonly thresholds?: Parameters<typeof withChanges>[0];
}

/** A plain JSON value. */
export function diagnoseCurves(
  trial: MeasuredTrial,
  { metricNames, hyperparameters = [], values = {}, thresholds = {} }: DiagnoseCurvesOptions = {},
): CurveDiagnosis {
  const limits: CurveThresholds = withChanges(thresholds);
  const curve = curveOf(trial, { ...CURVE_METRIC_NAMES, ...metricNames });
  const sightings = sightCurve(curve, limits);
  const context = { ...remedyContext(trial, curve), hyperparameters, values };
  const checks = CURVE_LABELS.map((label): CurveCheck => {
    const sighting = sightings[label];
    const remedies = sighting.verdict === 'found' ? remediesFor(label, sighting, context) : [];
    const status = statusOf(label, sighting.verdict, curve);
    return { label, ...sighting, status, trials: [trial.number], remedies, next: remedies[0] ?? null };
  });
  const labels = checks.filter(({ verdict }) => verdict === 'found').map(({ label }) => label);
  return { version: CURVE_DIAGNOSIS_VERSION, trial: trial.number, labels, checks };
}

/** About training that fails rather than about its length or generalisation: the checklist's fourth question. */
const IS_OPTIMISATION: Readonly<Record<CurveLabel, boolean>> = {
  'rising-train-loss': true,
  collapsed: true,
  'spikes-early': true,
  'spikes-late': true,
  periodic: false,
  overfitting: false,
  'late-noise': false,
  'still-improving': false,
  saturated: false,
};

/** For a study's checklist: what was found; else that the trial is healthy, or that nothing could be judged. */
export function curveFindings({ trial, checks }: CurveDiagnosis): readonly CurveFinding[] {
  const found = checks.filter(({ verdict }) => verdict === 'found');
  if (found.length > 0)
    return found.map(({ status, label, reason, next }) => ({
      trial,
      status,
      label,
      reason,
      isOptimisation: IS_OPTIMISATION[label],
      next,
    }));
  const unknown = checks.filter(({ verdict }) => verdict === 'not-known');
  if (unknown.length === checks.length) {
    const reason = `its curves cannot be judged: ${unknown[0]?.reason ?? 'nothing was measured'}`;
    return [{ trial, status: 'not-known', label: 'not-known', reason, isOptimisation: false, next: null }];
  }
  const left = unknown.length === 0 ? '' : `; not known: ${unknown.map(({ label }) => label).join(', ')}`;
  const reason = `none of ${checks.length - unknown.length} problems shows in its curves${left}`;
  return [{ trial, status: 'pass', label: 'healthy', reason, isOptimisation: false, next: null }];
}

/** A bug or a training that failed spoils a conclusion; saturation costs time alone. */
function statusOf(label: CurveLabel, verdict: SightingVerdict, { divergedAtEpoch }: Curve): CheckStatus {
  if (verdict === 'not-known') return 'not-known';
  if (verdict === 'not-found' || label === 'saturated') return 'pass';
  const isSpike = label === 'spikes-early' || label === 'spikes-late';
  const isGrave = label === 'rising-train-loss' || label === 'collapsed' || (isSpike && divergedAtEpoch !== null);
  return isGrave ? 'fail' : 'caution';
}

function remedyContext(
  { number, measurements }: MeasuredTrial,
  { learningRate, lastEpoch }: Curve,
): Omit<RemedyContext, 'hyperparameters' | 'values'> {
  const details = measurements.flatMap(({ detail }) => (detail === undefined ? [] : [detail]));
  const peak = Math.max(0, ...learningRate.map(({ value }) => value));
  const clipped = details.reduce((sum, { clippedShare }) => sum + clippedShare, 0);
  return {
    trial: number,
    lastEpoch,
    finalRateShare: peak > 0 ? (learningRate.at(-1)?.value ?? 0) / peak : null,
    clippedShare: details.length === 0 ? null : clipped / details.length,
    gradientNorms: details.flatMap(({ gradientNorm }) =>
      gradientNorm.flatMap(({ mean }) => (mean === null ? [] : [mean])),
    ),
  };
}
