/**
 * Periodic patterns: data in an order, or a leak (Deep Learning Tuning Playbook, FAQ on the evaluation pipeline; practices 64 and 92).
 *
 * Within an epoch: the training loss of its parts, less each epoch's line, is explained by the place in the epoch. Shuffled data have
 * no place. Across evaluations: the curve, less its moving mean over a whole period, is explained by the place in the period. The
 * moving mean takes away trends and random walks, which a plain spectrum takes for long periods. The share of variance explained is
 * adjusted eta squared; its chance in noise is that of the F test, times the periods looked at (Bonferroni).
 */
import { fSurvival } from '../analysis/statistics/distributions.ts';
import { fitLine } from '../analysis/statistics/line-fit.ts';
import { mean } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { Curve, Point } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';

interface Pattern {
  /** Evaluations, or parts of an epoch. */
  readonly period: number;
  readonly share: number;
  readonly chance: number;
}

export function sightPeriodic(curve: Curve, limits: CurveThresholds['periodic']): Sighting {
  const within = patternWithin(curve, limits);
  const series = [
    { name: 'validation loss', points: curve.validationLoss },
    { name: 'validation accuracy', points: curve.validationAccuracy },
    { name: 'training loss', points: curve.trainLoss },
  ];
  const across = series.flatMap(({ name, points }) => {
    const pattern = patternAcross(points, limits);
    return pattern === null ? [] : [{ name, points, ...pattern }];
  });
  if (within === null && across.length === 0)
    return notKnown(`too few evaluations for ${limits.fewestPeriods} whole periods, and no parts of epochs`);

  const strongest = across.reduce<(typeof across)[number] | null>(
    (best, pattern) => (best === null || pattern.chance < best.chance ? pattern : best),
    null,
  );
  const numbers = {
    shareWithinEpoch: within?.share ?? null,
    chanceWithinEpoch: within?.chance ?? null,
    period: strongest?.period ?? null,
    shareAcross: strongest?.share ?? null,
    chanceAcross: strongest?.chance ?? null,
  };
  const epochs = curve.trainLoss.length > 0 ? [curve.lastEpoch] : [];
  if (within !== null && within.share >= limits.shareWithin && within.chance <= limits.chance) {
    const reason = `the place in the epoch explains ${showShare(within.share)} of the training loss's variance within epochs (chance ${showNumber(within.chance)}): period = 1 epoch, the data come in an order`;
    return { verdict: 'found', reason, numbers: { ...numbers, period: 1 }, epochs };
  }
  const found = across.filter(({ share, chance }) => share >= limits.shareAcross && chance <= limits.chance);
  const first = found[0];
  if (first === undefined)
    return { verdict: 'not-found', reason: 'no period explains what the curves do', numbers, epochs: [] };
  const spacing = curve.lastEpoch / first.points.length;
  const repeats = `the ${first.name} repeats every ${showEpoch(first.period * spacing)} epochs, which explains ${showShare(first.share)} of its variance (chance ${showNumber(first.chance)})`;
  const rates = withoutMovingMean(settledValues(curve.learningRate), first.period);
  const schedule = shareOfPlace(rates, first.period, { leastShare: limits.scheduleShare });
  if (schedule !== null && schedule.share >= limits.scheduleShare)
    return {
      verdict: 'not-found',
      reason: `${repeats}; so does the learning rate, which is reason enough`,
      numbers,
      epochs: [],
    };
  return { verdict: 'found', reason: repeats, numbers, epochs };
}

/** Of parts of epochs after the first quarter, in which the loss falls within an epoch for good reasons. */
function patternWithin({ lossByPart, lastEpoch }: Curve, limits: CurveThresholds['periodic']): Pattern | null {
  const settled = lossByPart.filter(({ epoch }) => epoch > lastEpoch / 4).map(({ parts }) => parts);
  const count = settled[0]?.length ?? 0;
  if (settled.length < limits.fewestPeriods || count < 3) return null;
  const x = Array.from({ length: count }, (_, part) => part);
  const profiles = settled.map((parts) => {
    const slope = fitLine(x, parts)?.slope ?? 0;
    const level = mean(parts);
    const residuals = parts.map((value, part) => value - level - slope * (part - (count - 1) / 2));
    // Of its own size: an epoch with larger losses does not count for more.
    const size = Math.sqrt(mean(residuals.map((value) => value ** 2)));
    return size > 0 ? residuals.map((value) => value / size) : residuals;
  });
  return shareOfPlace(profiles.flat(), count, {
    freedomTaken: 2 * profiles.length,
    placeFreedom: count - 2,
    leastShare: limits.shareWithin,
  });
}

/** The period that is least to be expected of noise, from 2 evaluations to as many as give enough whole periods. */
function patternAcross(
  points: readonly Point[],
  { fewestPeriods, sizeOfRange, shareAcross }: CurveThresholds['periodic'],
): Pattern | null {
  const values = settledValues(points);
  const longest = Math.floor(values.length / fewestPeriods);
  if (longest < 2) return null;
  // Half steps: a period need not be a whole number of evaluations.
  const periods = Array.from({ length: 2 * longest - 3 }, (_, i) => 2 + i / 2);
  const range = Math.max(...values) - Math.min(...values);
  let best: Pattern | null = null;
  for (const period of periods) {
    const residuals = withoutMovingMean(values, period);
    // Too small to be seen, or rounding.
    if (Math.sqrt(sumOfSquares(residuals) / residuals.length) <= sizeOfRange * range) continue;
    const pattern = shareOfPlace(residuals, period, { leastShare: shareAcross });
    if (pattern === null) continue;
    const chance = Math.min(1, pattern.chance * periods.length);
    if (best === null || chance < best.chance || (chance === best.chance && pattern.share > best.share))
      best = { ...pattern, chance };
  }
  return best ?? { period: 2, share: 0, chance: 1 };
}

interface PlaceOptions {
  /** Degrees of freedom already taken from the values; default 1, their mean. */
  readonly freedomTaken?: number;
  /** Degrees of freedom of the places; default one less than there are. */
  readonly placeFreedom?: number;
  /** Where less than this share is explained, chance is 1: it need not be known. */
  readonly leastShare: number;
}

/** How much of the variance the place in the period explains; null for too few values or none that vary. */
function shareOfPlace(
  values: readonly number[],
  period: number,
  { freedomTaken = 1, placeFreedom = Math.floor(period) - 1, leastShare }: PlaceOptions,
): Pattern | null {
  const placeCount = Math.floor(period);
  const [sums, counts] = [new Float64Array(placeCount), new Float64Array(placeCount)];
  const middle = mean(values);
  let all = 0;
  values.forEach((value, i) => {
    const place = Math.floor(((i % period) / period) * placeCount + 1e-9);
    sums[place] = (sums[place] as number) + value - middle;
    counts[place] = (counts[place] as number) + 1;
    all += (value - middle) ** 2;
  });
  const explained = sums.reduce((sum, own, place) => sum + (own === 0 ? 0 : own ** 2 / (counts[place] as number)), 0);
  const left = Math.max(0, all - explained);
  const total = values.length - freedomTaken;
  const degrees = total - placeFreedom;
  if (!(all > 0) || degrees < 3 || placeFreedom < 1) return null;
  const share = 1 - left / degrees / (all / total);
  if (share < leastShare) return { period, share, chance: 1 };
  return {
    period,
    share,
    chance: left === 0 ? 0 : fSurvival(explained / placeFreedom / (left / degrees), placeFreedom, degrees),
  };
}

/** About the mean. */
function sumOfSquares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

/** Less the mean over the period around each; the ends, where it is not whole, are left out. */
function withoutMovingMean(values: readonly number[], period: number): readonly number[] {
  const width = Math.round(period);
  const half = Math.floor(width / 2);
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, i) => (sums[i + 1] = (sums[i] as number) + value));
  return values.slice(half, values.length - half).map((value, i) => {
    const sum = (sums[i + 2 * half + 1] as number) - (sums[i] as number);
    // An even period: the two ends, which are the same place, count half.
    const ends = width % 2 === 0 ? ((values[i] as number) + (values[i + 2 * half] as number)) / 2 : 0;
    return value - (sum - ends) / width;
  });
}

/** Without the first quarter, whose fall is larger than what repeats. */
function settledValues(points: readonly Point[]): readonly number[] {
  return valuesOf(points).slice(Math.floor(points.length / 4));
}

function valuesOf(points: readonly Point[]): readonly number[] {
  return points.map(({ value }) => value);
}
