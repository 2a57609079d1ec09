/** Noise of single measurements, apart from where a curve goes. */
import type { Direction } from '@kinetune/study';
import type { TrialCurve } from '../pruners/pruner.ts';
import { bestOfCurve, valuesOf } from './measured-curve.ts';
import { fitLine } from './statistics/line-fit.ts';
import { median } from './statistics/moments.ts';

/**
 * A robust standard deviation of one measurement: second differences of white noise have six times its variance, those of a
 * straight line none. Triples with a null are passed over; null where no triple is whole.
 */
export function secondDifferenceNoise(values: readonly (number | null)[]): number | null {
  return keptOf(noises, values, () => noiseOf(values));
}

function noiseOf(values: readonly (number | null)[]): number | null {
  const differences: number[] = [];
  for (let i = 1; i + 1 < values.length; i++) {
    const [before, value, after] = [values[i - 1] ?? null, values[i] ?? null, values[i + 1] ?? null];
    if (before !== null && value !== null && after !== null) differences.push(Math.abs(before - 2 * value + after));
  }
  // 1.4826 makes the median absolute value of a normal its standard deviation.
  return differences.length === 0 ? null : (1.4826 * median(differences)) / Math.sqrt(6);
}

/** The standard deviation beside a line through the last part of a curve; null for fewer than `fewest` points there. */
export function lateNoiseOf(
  trial: TrialCurve,
  { metric, lastPart, fewest }: { readonly metric: string; readonly lastPart: number; readonly fewest: number },
): number | null {
  const points = lateOf(trial, { metric, lastPart });
  if (points.length < fewest) return null;
  const fit = fitLine(
    points.map(({ step }) => step),
    points.map(({ value }) => value),
  );
  return fit?.residualSd ?? null;
}

/** The measurements of the last part of a trial's steps. */
export function lateOf(
  trial: TrialCurve,
  { metric, lastPart }: { readonly metric: string; readonly lastPart: number },
): readonly { readonly step: number; readonly value: number }[] {
  const from = (1 - lastPart) * (trial.steps.at(-1) ?? 0);
  return valuesOf(trial, metric).filter(({ step }) => step > from);
}

/** The first step whose value is within one standard deviation of noise of the curve's best; null for a curve without values. */
export function firstGoodStep(
  trial: TrialCurve,
  by: { readonly metric: string; readonly direction: Direction },
): number | null {
  const steps = keptOf(goodSteps, trial, () => new Map<string, number | null>());
  const key = `${by.direction} ${by.metric}`;
  const known = steps.get(key);
  if (known !== undefined) return known;
  const found = goodStepOf(trial, by);
  steps.set(key, found);
  return found;
}

function goodStepOf(trial: TrialCurve, by: { readonly metric: string; readonly direction: Direction }): number | null {
  const best = bestOfCurve(trial, by);
  if (best === null) return null;
  const points = valuesOf(trial, by.metric);
  const noise = noiseOf(points.map(({ value }) => value)) ?? 0;
  return points.find(({ value }) => Math.abs(best.value - value) <= noise)?.step ?? best.step;
}

// What was computed of a curve is kept as long as the curve is: several checks ask for it, and so does the next report.
const noises = new WeakMap<readonly (number | null)[], number | null>();
const goodSteps = new WeakMap<TrialCurve, Map<string, number | null>>();

function keptOf<K extends object, V>(kept: WeakMap<K, V>, key: K, compute: () => V): V {
  if (!kept.has(key)) kept.set(key, compute());
  return kept.get(key) as V;
}
