import { createRng, type TrialState } from '@kinetune/study';
import type { TrialCurve } from '../pruner.ts';

/** A trial measured once an epoch, 100 steps each, in this metric. */
export function curveOf(
  number: number,
  values: readonly (number | null)[],
  { state = 'RUNNING', metric = 'validationLoss' }: { readonly state?: TrialState; readonly metric?: string } = {},
): TrialCurve {
  const epochs = values.map((_, index) => index + 1);
  return { number, state, steps: epochs.map((epoch) => epoch * 100), epochs, values: { [metric]: values } };
}

/** The first `count` measurements of a curve that is then still running. */
export function cut(curve: TrialCurve, count: number): TrialCurve {
  return {
    ...curve,
    state: 'RUNNING',
    steps: curve.steps.slice(0, count),
    epochs: curve.epochs.slice(0, count),
    values: Object.fromEntries(Object.entries(curve.values).map(([name, column]) => [name, column.slice(0, count)])),
  };
}

/** Losses that fall from about 1.8 to different floors at different speeds, with Gaussian jitter. */
export function learningCurves(
  count: number,
  { length, jitter, seed }: { readonly length: number; readonly jitter: number; readonly seed: number },
): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, trial) => {
    const rng = createRng('learning curve', seed, trial);
    const floor = 0.1 + 0.7 * rng.next();
    const speed = 1 + (length / 3) * rng.next();
    return Array.from({ length }, (_, epoch) => floor + Math.exp(-(epoch + 1) / speed) + jitter * rng.normal());
  });
}
