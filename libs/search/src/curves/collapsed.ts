/**
 * Collapsed to one class: the model says the same whatever it sees. From the confusion matrix where there is one. Else from accuracy
 * and macro-F1: for K classes, one of which is always predicted and has the share p of the windows,
 *
 *   accuracy = p     macro-F1 = 2p / ((1 + p) K)
 *
 * which no other behaviour comes near to, evaluation after evaluation (har.md, "collapsed-trial detector").
 */
import { median } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { Curve } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';

export function sightCollapsed(curve: Curve, limits: CurveThresholds['collapsed']): Sighting {
  const share = predictionShare(curve);
  if (share !== null && share >= limits.predictionShare) {
    const reason = `${showShare(share)} of the validation windows are said to be one class`;
    return { verdict: 'found', reason, numbers: { predictionShare: share }, epochs: [curve.lastEpoch] };
  }
  const pairs = curve.validationAccuracy.flatMap(({ epoch, value }) => {
    const score = curve.validationMacroF1.find((point) => point.epoch === epoch);
    return score === undefined ? [] : [{ epoch, accuracy: value, macroF1: score.value }];
  });
  const last = pairs.slice(-Math.max(2, Math.ceil(limits.lastPart * pairs.length)));
  if (share === null && last.length < 2)
    return notKnown('neither a confusion matrix nor two evaluations of accuracy and macro-F1');
  const classes = last.map(({ accuracy, macroF1 }) => impliedClasses(accuracy, macroF1));
  const implied = classes.length === 0 ? null : median(classes);
  const accuracy = last.length === 0 ? null : median(last.map((pair) => pair.accuracy));
  const numbers = { predictionShare: share, impliedClasses: implied, accuracy };
  const isNear = (count: number): boolean => {
    const whole = curve.classCount ?? Math.round(count);
    return whole >= 2 && Math.abs(count / whole - 1) <= limits.nearness;
  };
  // Without K one number alone could come near by chance: every evaluation must, and to the same.
  const isFound =
    share === null &&
    implied !== null &&
    accuracy !== null &&
    isNear(implied) &&
    classes.filter(isNear).length >= (curve.classCount === null ? classes.length : 0.6 * classes.length);
  if (!isFound) return { verdict: 'not-found', reason: 'several classes are predicted', numbers, epochs: [] };
  return {
    verdict: 'found',
    reason: `from epoch ${showEpoch(last[0]?.epoch ?? 0)} on accuracy (${showNumber(accuracy)}) and macro-F1 are those of one class said for every window`,
    numbers,
    epochs: [last[0]?.epoch ?? 0, curve.lastEpoch],
  };
}

/** Of the class that is predicted most often. */
function predictionShare({ confusionMatrix }: Curve): number | null {
  if (confusionMatrix === null) return null;
  const counts = confusionMatrix.map((_, k) => confusionMatrix.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : Math.max(...counts) / total;
}

/** K, if one class were predicted always. */
function impliedClasses(accuracy: number, macroF1: number): number {
  return macroF1 > 0 ? (2 * accuracy) / ((1 + accuracy) * macroF1) : 0;
}
