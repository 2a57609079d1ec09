/**
 * Still improving at the end: more steps, or another schedule, would have brought more (Deep Learning Tuning Playbook, "Examining the
 * training curves"; practice 60).
 */
import { fitLine } from '../analysis/statistics/line-fit.ts';
import { mean } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { noiseOf } from './smoothed.ts';

export function sightStillImproving(curve: Curve, limits: CurveThresholds['stillImproving']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: whether that was too early is not known');
  const points = curve.validationLoss.length > 0 ? curve.validationLoss : errors(curve);
  const values = points.map(({ value }) => value);
  if (values.length < limits.fewestEvaluations)
    return notKnown(
      `${values.length} evaluations of a validation loss or score: at least ${limits.fewestEvaluations} are needed`,
    );
  const last = points.slice(-Math.max(3, Math.round(limits.lastPart * values.length)));
  const lastValues = last.map(({ value }) => value);
  const from = (last[0] as Point).epoch;
  const line = fitLine(
    last.map(({ epoch }) => epoch),
    lastValues,
  );
  const fall = (values[0] as number) - Math.min(...values);
  const gain = -(line?.slope ?? 0) * (curve.lastEpoch / 4);
  const gainOfFall = fall > 0 ? gain / fall : 0;
  const noise = noiseOf(values);
  // Of the slope: from the noise of the whole curve, since three points hardly know their own.
  const middle = mean(last.map(({ epoch }) => epoch));
  const error = noise / Math.sqrt(last.reduce((sum, { epoch }) => sum + (epoch - middle) ** 2, 0));
  const isFalling = lastValues.every((value, i) => i === 0 || value < (lastValues[i - 1] as number));
  // The noise of a short curve is mostly its bend: there a fall at each of the last evaluations must do.
  const isSteady = values.length < limits.shortCurve && isFalling;
  const isClear = isSteady || (-(line?.slope ?? 0) > limits.slopeInErrors * error && fall > limits.fallInNoise * noise);
  const numbers = { gainPerQuarter: gain, gainOfFall, noise, lastPartFrom: from };
  const isFound = isClear && gainOfFall > limits.gainOfFall && !hasLevelledOff(points, fall, limits);
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `over its last ${last.length} evaluations the validation loss changes by ${showNumber(-gain)} in a quarter of training, ${showShare(Math.abs(gainOfFall))} of its whole fall (noise ${showNumber(noise)})`,
    numbers,
    epochs: isFound ? [from, curve.lastEpoch] : [],
  };
}

/** In a long curve the very end tells whether the fall that the last part shows is over. */
function hasLevelledOff(points: readonly Point[], fall: number, limits: CurveThresholds['stillImproving']): boolean {
  if (points.length < 2 * limits.shortCurve) return false;
  const end = points.slice(-Math.max(3, Math.round((limits.lastPart / 2) * points.length)));
  const line = fitLine(
    end.map(({ epoch }) => epoch),
    end.map(({ value }) => value),
  );
  const perQuarter = -(line?.slope ?? 0) * ((points.at(-1) as Point).epoch / 4);
  return perQuarter < (limits.gainOfFall / 2) * fall;
}

function errors(curve: Curve): readonly Point[] {
  const score = curve.validationAccuracy.length > 0 ? curve.validationAccuracy : curve.validationMacroF1;
  return score.map(({ epoch, value }) => ({ epoch, value: 1 - value }));
}
