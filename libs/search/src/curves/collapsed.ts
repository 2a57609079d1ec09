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
  const said = mostPredicted(curve);
  const share = said?.share ?? null;
  if (said !== null && said.share >= limits.predictionShare) {
    const numbers = { predictionShare: said.share, shareOfOthers: said.shareOfOthers };
    const isFound = said.shareOfOthers !== null && said.shareOfOthers >= limits.shareOfOthers;
    return {
      verdict: isFound ? 'found' : said.shareOfOthers === null ? 'not-known' : 'not-found',
      reason: `${showShare(said.share)} of the validation windows are said to be one class, ${said.shareOfOthers === null ? 'and there are windows of no other' : `and ${showShare(said.shareOfOthers)} of those of the others`}`,
      numbers,
      epochs: isFound ? [curve.lastEpoch] : [],
    };
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

/** Of the class that is predicted most often: its share of the predictions, and of those for windows of other classes. */
function mostPredicted({ confusionMatrix }: Curve): { share: number; shareOfOthers: number | null } | null {
  if (confusionMatrix === null) return null;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const column = (k: number): readonly number[] => confusionMatrix.map((row) => row[k] ?? 0);
  const predicted = confusionMatrix.map((_, k) => sum(column(k)));
  const total = sum(predicted);
  if (total === 0) return null;
  const most = Math.max(...predicted);
  const k = predicted.indexOf(most);
  const ofOthers = total - sum(confusionMatrix[k] ?? []);
  const wrong = most - (confusionMatrix[k]?.[k] ?? 0);
  return { share: most / total, shareOfOthers: ofOthers === 0 ? null : wrong / ofOthers };
}

/** K, if one class were predicted always. */
function impliedClasses(accuracy: number, macroF1: number): number {
  return macroF1 > 0 ? (2 * accuracy) / ((1 + accuracy) * macroF1) : 0;
}
