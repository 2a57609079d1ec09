/**
 * The training loss increases: almost always a bug, and never a hint for tuning (Deep Learning Tuning Playbook, "Examining the
 * training curves"; practice 62). A steady rise after the lowest point; a sudden one is a spike.
 */
import { kendallTau } from '../pruners/rank-correlation.ts';
import { showNumber } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { indexOfLowest, levelAtEnd, noiseOf, smoothed } from './smoothed.ts';

export function sightRisingTrainLoss(curve: Curve, limits: CurveThresholds['risingTrainLoss']): Sighting {
  const points = curve.trainLoss.filter(({ epoch }) => epoch > curve.warmupEpochs);
  const values = points.map(({ value }) => value);
  if (values.length < limits.fewestEvaluations)
    return notKnown(`${values.length} training losses after warm-up: at least ${limits.fewestEvaluations} are needed`);
  const course = smoothed(values);
  const at = indexOfLowest(course);
  const lowest = course[at] as number;
  const after = values.slice(at);
  const end = levelAtEnd(values);
  const rise = end - lowest;
  const fall = Math.max(...values.slice(0, at + 1)) - lowest;
  const noise = noiseOf(values);
  const trend = after.length < 3 ? null : kendallTau(after, [...after.keys()]);
  const steps = course.slice(at + 1).map((value, i) => value - (course[at + i] as number));
  const largestStep = rise > 0 && steps.length > 0 ? Math.max(...steps) / rise : null;
  const epoch = (points[at] as Point).epoch;
  const numbers = { lowest, lowestEpoch: epoch, end, rise, noise, trend, largestStep };
  const isFound =
    rise > limits.riseInNoise * noise &&
    rise > limits.riseOfFall * fall &&
    rise > limits.riseOfLowest * Math.abs(lowest) &&
    after.length - 1 >= Math.max(limits.evaluationsAfter, limits.shareAfter * values.length) &&
    trend !== null &&
    trend >= limits.trend &&
    largestStep !== null &&
    (largestStep <= limits.largestStep || trend >= limits.clearTrend);
  const { learningRate } = curve;
  const rateThen = learningRate.find((point) => point.epoch >= epoch)?.value ?? 0;
  const rateGrowth = rateThen > 0 ? (learningRate.at(-1) as Point).value / rateThen : null;
  const rate =
    rateGrowth !== null && rateGrowth > 1.5
      ? `; the learning rate grew ${showNumber(rateGrowth)} times meanwhile: look at the schedule first`
      : '';
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: isFound
      ? `the training loss rises from ${showNumber(lowest)} at epoch ${showEpoch(epoch)} to ${showNumber(end)} at the end (noise ${showNumber(noise)}, rank correlation with the epoch ${showNumber(trend)})${rate}`
      : `the training loss is lowest at epoch ${showEpoch(epoch)} (${showNumber(lowest)}) and ends at ${showNumber(end)}: no steady rise`,
    numbers: { ...numbers, rateGrowth },
    epochs: isFound ? [epoch, curve.lastEpoch] : [],
  };
}
