/**
 * Still improving at the end: more steps, or another schedule, would have brought more (Deep Learning Tuning Playbook, "Examining the
 * training curves"; practice 60).
 */
import { fitLine } from '../analysis/statistics/line-fit.ts';
import { mean } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import { validationCourse, type Curve, type Point } from './curve.ts';
import { notKnown, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { noiseOf } from './smoothed.ts';

export function sightStillImproving(curve: Curve, limits: CurveThresholds['stillImproving']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: whether that was too early is not known');
  const points = validationCourse(curve, limits.fewestEvaluations);
  const values = points.map(({ value }) => value);
  if (values.length < limits.fewestEvaluations)
    return notKnown(
      `${values.length} evaluations of a validation loss or score: at least ${limits.fewestEvaluations} are needed`,
    );
  const fall = (values[0] as number) - Math.min(...values);
  const noise = noiseOf(values);
  const last = lineThroughLast(points, limits.lastPart, noise);
  const end = lineThroughLast(points, limits.endPart, noise);
  const [gainOfFall, endGainOfFall] = fall > 0 ? [last.gain / fall, end.gain / fall] : [0, 0];
  // What a short curve bends cannot be told from noise, so that its slope is not held against it.
  const isClear = values.length < limits.shortCurve || last.slopeInErrors < -limits.slopeInErrors;
  const isFound =
    isClear &&
    fall > limits.fallInNoise * noise &&
    gainOfFall > limits.gainOfFall &&
    endGainOfFall > limits.endGainOfFall;
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `over its last ${last.count} evaluations the validation loss changes by ${showNumber(-last.gain)} in a quarter of training, ${showShare(Math.abs(gainOfFall))} of its whole fall (noise ${showNumber(noise)})`,
    numbers: { gainPerQuarter: last.gain, gainOfFall, endGainOfFall, noise, lastPartFrom: last.from },
    epochs: isFound ? [last.from, curve.lastEpoch] : [],
  };
}

/** Through a last part of the evaluations, three at least. */
function lineThroughLast(points: readonly Point[], part: number, noise: number) {
  const last = points.slice(-Math.max(3, Math.round(part * points.length)));
  const epochs = last.map(({ epoch }) => epoch);
  const line = fitLine(
    epochs,
    last.map(({ value }) => value),
  );
  const slope = line?.slope ?? 0;
  const middle = mean(epochs);
  // A bend makes the line's residuals larger than noise is, noise of the whole curve may be that of its beginning.
  const sd = Math.min(noise, line?.residualSd ?? noise);
  const error = sd / Math.sqrt(epochs.reduce((sum, epoch) => sum + (epoch - middle) ** 2, 0));
  return {
    count: last.length,
    from: epochs[0] as number,
    /** What a quarter of training gains at this slope. */
    gain: (-slope * (points.at(-1) as Point).epoch) / 4,
    slopeInErrors: error > 0 ? slope / error : slope < 0 ? -Infinity : 0,
  };
}
