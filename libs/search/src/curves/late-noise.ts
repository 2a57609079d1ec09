/**
 * High variance from evaluation to evaluation late in training (Deep Learning Tuning Playbook, "Examining the training curves";
 * practice 58): which evaluation is the best is then luck.
 */
import { mean } from '../analysis/statistics/moments.ts';
import { showNumber } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';

export function sightLateNoise(curve: Curve, limits: CurveThresholds['lateNoise']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: what is late is not known');
  const lateOf = (points: readonly Point[]): readonly Point[] => {
    const count = Math.max(limits.fewestEvaluations, Math.ceil(limits.latePart * points.length));
    return points.length < 2 * limits.fewestEvaluations ? [] : points.slice(-count);
  };
  const late = (points: readonly Point[]): readonly number[] | null => {
    const values = lateOf(points).map(({ value }) => value);
    return values.length === 0 ? null : values;
  };
  const losses = late(curve.validationLoss);
  const scores = [late(curve.validationAccuracy), late(curve.validationMacroF1)].flatMap((score) =>
    score === null ? [] : [jitterOf(score)],
  );
  const scoreSd = scores.length === 0 ? null : Math.max(...scores);
  const lossSd = losses === null ? null : jitterOf(losses) / Math.max(mean(losses.map(Math.abs)), 1e-12);
  if (scoreSd === null && lossSd === null)
    return notKnown(`fewer than ${2 * limits.fewestEvaluations} evaluations: too few to tell noise from progress`);
  const longest = [curve.validationLoss, curve.validationAccuracy, curve.validationMacroF1].flatMap(lateOf);
  const from = Math.min(...longest.map(({ epoch }) => epoch));
  const accuracy = late(curve.validationAccuracy);
  const n = curve.validationCount;
  const binomial =
    accuracy === null || n === null || n === 0 ? null : Math.sqrt((mean(accuracy) * (1 - mean(accuracy))) / n);

  // Where only one of the two is measured it stands for both.
  const shares = [
    ...(scoreSd === null ? [] : [scoreSd / Math.max(limits.scoreSd, n === null || n === 0 ? 0 : limits.windows / n)]),
    ...(lossSd === null ? [] : [lossSd / limits.lossSd]),
  ];
  const noise = 2 * mean(shares);
  const isFound = noise > 1;
  const numbers = { scoreSd, lossSd, noise, binomialError: binomial, fromEpoch: from };
  const parts = [
    ...(scoreSd === null ? [] : [`the validation score by ±${showNumber(100 * scoreSd)} points`]),
    ...(lossSd === null ? [] : [`the validation loss by ±${showNumber(100 * lossSd)} % of its level`]),
  ];
  const error = binomial === null ? '' : `; a score of ${n} windows is known to ±${showNumber(100 * binomial)} points`;
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `from epoch ${showEpoch(from)} on ${parts.join(' and ')} from one evaluation to the next${error}`,
    numbers,
    epochs: isFound ? [from, curve.lastEpoch] : [],
  };
}

/**
 * Standard deviation of an evaluation, from second differences (white noise gives them six times its variance), without the largest
 * sixth of them: neither a bend in the course nor one spike is noise.
 */
function jitterOf(values: readonly number[]): number {
  const squares = values
    .slice(2)
    .map((value, i) => (value - 2 * (values[i + 1] as number) + (values[i] as number)) ** 2)
    .sort((a, b) => a - b);
  const kept = squares.slice(0, squares.length - Math.ceil(squares.length / 6));
  return Math.sqrt(mean(kept) / 6);
}
