/**
 * Still improving at the end: more steps, or another schedule, would have brought more (Deep Learning Tuning Playbook, "Examining the
 * training curves"; practice 60).
 */
import { mean, standardDeviation } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { indexOfLowest, noiseOf, smoothed } from './smoothed.ts';

export function sightStillImproving(curve: Curve, limits: CurveThresholds['stillImproving']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: whether that was too early is not known');
  const points = curve.validationLoss.length > 0 ? curve.validationLoss : errors(curve);
  const values = points.map(({ value }) => value);
  if (values.length < limits.fewestEvaluations)
    return notKnown(
      `${values.length} evaluations of a validation loss or score: at least ${limits.fewestEvaluations} are needed`,
    );
  const count = Math.max(2, Math.round(limits.lastPart * values.length));
  const last = values.slice(-count);
  const before = values.slice(-2 * count, -count);
  const gain = mean(before) - mean(last);
  const fall = (values[0] as number) - Math.min(...values);
  const noise = Math.min(noiseOf(values), standardDeviation(last) ?? Infinity);
  const error = noise * Math.sqrt(1 / before.length + 1 / count);
  const isLowestLate = indexOfLowest(smoothed(values)) >= values.length - count;
  const gainOfFall = fall > 0 ? gain / fall : 0;
  const from = (points.at(-count) as Point).epoch;
  const numbers = { gain, gainOfFall, noise, lastPartFrom: from };
  const isFound = gain > limits.gainInNoise * error && gainOfFall > limits.gainOfFall && isLowestLate;
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `from the ${before.length} evaluations before to the last ${count} the validation loss fell by ${showNumber(gain)}, ${showShare(Math.max(0, gainOfFall))} of its whole fall (noise ${showNumber(noise)})`,
    numbers,
    epochs: isFound ? [from, curve.lastEpoch] : [],
  };
}

function errors(curve: Curve): readonly Point[] {
  const score = curve.validationAccuracy.length > 0 ? curve.validationAccuracy : curve.validationMacroF1;
  return score.map(({ epoch, value }) => ({ epoch, value: 1 - value }));
}
