/** Curves made by formula, whose course is known. */
import { createRng, type EpochDetail, type Measurement, type TrialState } from '@kinetune/study';
import type { MeasuredTrial } from '../curve.ts';

export interface MadeCurve {
  readonly epochs: number;
  /** Values by metric name and epoch (from 1). */
  readonly values: Readonly<Record<string, (epoch: number) => number | null>>;
  readonly detail?: (epoch: number) => EpochDetail;
  readonly state?: TrialState;
}

export function madeTrial(
  { epochs, values, detail, state = 'COMPLETED' }: MadeCurve,
  facts: Partial<MeasuredTrial> = {},
): MeasuredTrial {
  const measurements = Array.from({ length: epochs }, (_, i): Measurement => {
    const epoch = i + 1;
    const entries = Object.entries(values).map(([name, of]) => [name, of(epoch)]);
    return {
      step: 10 * epoch,
      epoch,
      values: Object.fromEntries(entries) as Measurement['values'],
      ...(detail === undefined ? {} : { detail: detail(epoch) }),
    };
  });
  return { number: 1, state, measurements, ...facts };
}

/** White noise by place, the same in any order of asking. */
export function noise(seed: number, name: string, standardDeviation: number): (epoch: number) => number {
  return (epoch) => standardDeviation * createRng(seed, name, epoch).normal();
}

export interface HealthyShape {
  readonly epochs: number;
  /** Of the losses; the first is about `scale`. */
  readonly scale?: number;
  /** Standard deviation of an evaluation as a share of the scale. */
  readonly noise?: number;
  readonly seed?: number;
}

/** A fall that slows down evenly and settles in the last third: neither cut off nor long over. */
export function healthyValues({
  epochs,
  scale = 2,
  noise: share = 0.005,
  seed = 1,
}: HealthyShape): MadeCurve['values'] {
  const course = (epoch: number): number => {
    const left = Math.max(0, 1 - epoch / (0.85 * epochs));
    return 0.25 + 0.75 * left ** 1.6;
  };
  // As under a learning rate that decays: noise goes down with it.
  const fading = (of: (epoch: number) => number) => (epoch: number) => of(epoch) * Math.max(0.2, 1 - epoch / epochs);
  const [train, validation, score] = ['train', 'validation', 'score'].map((name) => fading(noise(seed, name, share)));
  return {
    trainLoss: (epoch) => scale * (course(epoch) + (train?.(epoch) ?? 0)),
    validationLoss: (epoch) => scale * (1.1 * course(epoch) + (validation?.(epoch) ?? 0)),
    validationAccuracy: (epoch) => 1.1 - 0.9 * course(epoch) - 0.5 * (score?.(epoch) ?? 0),
    validationMacroF1: (epoch) => 1.08 - 0.9 * course(epoch) - 0.5 * (score?.(epoch) ?? 0),
    learningRate: (epoch) => 1e-3 * (1 - epoch / epochs),
  };
}
