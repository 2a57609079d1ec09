/**
 * Problematic overfitting: the validation error rises at some point while the training error goes on falling (Deep Learning Tuning
 * Playbook, "Examining the training curves"; practice 55).
 */
import { kendallTau } from '../pruners/rank-correlation.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import { validationCourse, type Curve, type Point } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { indexOfLowest, levelAtEnd, noiseOf, riseOfFall, smoothed } from './smoothed.ts';

export function sightOverfitting(curve: Curve, limits: CurveThresholds['overfitting']): Sighting {
  const points = validationCourse(curve, 1);
  const name = curve.validationLoss.length > 0 ? 'validation loss' : 'validation error';
  const values = points.map(({ value }) => value);
  if (values.length < limits.fewestEvaluations)
    return notKnown(
      `${values.length} evaluations of a validation loss or score: at least ${limits.fewestEvaluations} are needed`,
    );
  const course = smoothed(values);
  const at = indexOfLowest(course);
  const lowest = course[at] as number;
  const end = levelAtEnd(values);
  const rise = end - lowest;
  const fall = (values[0] as number) - lowest;
  const after = values.slice(at + 1);
  const noise = noiseOf(after.length >= 5 ? after : values);
  const above = after.filter((value) => value > lowest + noise).length / Math.max(1, after.length);
  const trend = after.length < 3 ? null : kendallTau(after, [...after.keys()]);
  const trainRise = riseOfFall(curve.trainLoss, (points[at] as Point).epoch);
  const epoch = (points[at] as Point).epoch;
  const numbers = { lowest, lowestEpoch: epoch, end, rise, noise, evaluationsAfter: after.length, trend, trainRise };
  const isFound =
    rise > limits.riseInNoise * noise &&
    rise > limits.riseOfLowest * Math.abs(lowest) &&
    rise > limits.riseOfFall * fall &&
    after.length >= Math.max(limits.evaluationsAfter, limits.shareAfter * values.length) &&
    above >= limits.shareAbove &&
    (trend ?? 0) >= limits.trend &&
    (trainRise === null || trainRise <= limits.trainRiseOfFall);
  const course2 = `the ${name} is lowest at epoch ${showEpoch(epoch)} (${showNumber(lowest)})`;
  if (!isFound) {
    const reason = `${course2} and ends at ${showNumber(end)}: no rise beyond noise (${showNumber(noise)})`;
    return { verdict: 'not-found', reason, numbers, epochs: [] };
  }
  const train = trainRise === null ? '' : ', while the training loss does not rise';
  return {
    verdict: 'found',
    reason: `${course2} and rises by ${showShare(rise / Math.abs(lowest))} to ${showNumber(end)} by the end, noise being ${showNumber(noise)}${train}`,
    numbers,
    epochs: [epoch, (points.at(-1) as Point).epoch],
  };
}
