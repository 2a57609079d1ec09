/**
 * High variance from evaluation to evaluation late in training (Deep Learning Tuning Playbook, "Examining the training curves";
 * practice 58): which evaluation is the best is then luck.
 */
import { fitLine } from '../analysis/statistics/line-fit.ts';
import { mean } from '../analysis/statistics/moments.ts';
import { showNumber } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';

export function sightLateNoise(curve: Curve, limits: CurveThresholds['lateNoise']): Sighting {
  if (!curve.isComplete) return notKnown('it did not train to its end: what is late is not known');
  const late = (points: readonly Point[]): readonly number[] | null => {
    const count = Math.max(limits.fewestEvaluations, Math.ceil(limits.latePart * points.length));
    return points.length < 2 * limits.fewestEvaluations ? null : points.slice(-count).map(({ value }) => value);
  };
  const losses = late(curve.validationLoss);
  const scores = [late(curve.validationAccuracy), late(curve.validationMacroF1)].flatMap((score) =>
    score === null ? [] : [spreadAboutLine(score)],
  );
  const scoreSd = scores.length === 0 ? null : Math.max(...scores);
  const lossSd = losses === null ? null : spreadAboutLine(losses) / Math.max(mean(losses.map(Math.abs)), 1e-12);
  if (scoreSd === null && lossSd === null)
    return notKnown(`fewer than ${2 * limits.fewestEvaluations} evaluations: too few to tell noise from progress`);
  const from = curve.lastEpoch * (1 - Math.max(limits.latePart, 0));
  const accuracy = late(curve.validationAccuracy);
  const n = curve.validationCount;
  const binomial =
    accuracy === null || n === null || n === 0 ? null : Math.sqrt((mean(accuracy) * (1 - mean(accuracy))) / n);
  const numbers = { scoreSd, lossSd, binomialError: binomial, fromEpoch: from };
  const scoreLimit = Math.max(limits.scoreSd, n === null || n === 0 ? 0 : limits.windows / n);
  const isFound = (scoreSd !== null && scoreSd > scoreLimit) || (lossSd !== null && lossSd > limits.lossSd);
  const parts = [
    ...(scoreSd === null ? [] : [`the validation score by ±${showNumber(100 * scoreSd)} points`]),
    ...(lossSd === null ? [] : [`the validation loss by ±${showNumber(100 * lossSd)} % of its level`]),
  ];
  const error = binomial === null ? '' : `; a score of ${n} windows is known to ±${showNumber(100 * binomial)} points`;
  return {
    verdict: isFound ? 'found' : 'not-found',
    reason: `from epoch ${Math.ceil(from)} on ${parts.join(' and ')} from one evaluation to the next${error}`,
    numbers,
    epochs: isFound ? [Math.ceil(from), curve.lastEpoch] : [],
  };
}

/** Standard deviation about the straight line, less the largest deviation: one spike is not noise. */
function spreadAboutLine(values: readonly number[]): number {
  const x = values.map((_, i) => i);
  const slope = fitLine(x, values)?.slope ?? 0;
  const [middle, level] = [mean(x), mean(values)];
  const deviations = values.map((value, i) => (value - level - slope * (i - middle)) ** 2).sort((a, b) => a - b);
  const kept = deviations.slice(0, -1);
  return Math.sqrt(kept.reduce((sum, square) => sum + square, 0) / Math.max(1, kept.length - 1));
}
