/**
 * Saturated long before the end: fewer steps would have done (Deep Learning Tuning Playbook, "Examining the training curves";
 * practice 61): the first evaluation within noise of the best.
 */
import { showShare } from '../analysis/wording.ts';
import { validationCourse, type Curve, type Point } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { noiseOf, riseOfFall, smoothed } from './smoothed.ts';

export function sightSaturated(curve: Curve, limits: CurveThresholds['saturated']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: whether that was too late is not known');
  const points = validationCourse(curve, limits.fewestEvaluations);
  if (points.length < limits.fewestEvaluations) return notKnown(`fewer than ${limits.fewestEvaluations} evaluations`);
  const epoch = reachedAt(points, limits);
  if (epoch === null) {
    const reason = 'nothing was gained beyond noise: there is no best to be near to';
    return { verdict: 'not-found', reason, numbers: { reachedEpoch: null, reachedPart: null }, epochs: [] };
  }
  const part = epoch / curve.lastEpoch;
  const trainRise = riseOfFall(curve.trainLoss, epoch);
  const isRising = trainRise !== null && trainRise > limits.trainRiseOfFall;
  const isFound = part <= limits.reachedBy && !isRising;
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `within noise of its best at epoch ${showEpoch(epoch)}, ${showShare(part)} of training${isRising ? '; the training loss rises since' : ''}`,
    numbers: { reachedEpoch: epoch, reachedPart: part, trainRise },
    epochs: isFound ? [epoch] : [],
  };
}

/** The first epoch whose smoothed value is near the lowest; null where nothing fell beyond noise. */
function reachedAt(
  points: readonly Point[],
  { fallInNoise, nearInNoise, nearOfFall }: CurveThresholds['saturated'],
): number | null {
  const values = points.map(({ value }) => value);
  const course = smoothed(values);
  const lowest = Math.min(...course);
  const fall = (values[0] as number) - lowest;
  const noise = noiseOf(values);
  if (fall <= fallInNoise * noise || fall <= 0) return null;
  const near = lowest + Math.max(nearInNoise * noise, nearOfFall * fall);
  return (points[course.findIndex((value) => value <= near)] as Point).epoch;
}
