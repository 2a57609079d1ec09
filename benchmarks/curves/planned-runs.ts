/** Every run of the benchmark, described: the healthy one of each seed, and that one with each cause put in. */
import { createHash } from 'node:crypto';
import { createRng, deriveSeed } from '@kinetune/study';
import type { CurveLabel } from '@kinetune/search';
import { healthyTraining } from './healthy.ts';
import { PLANTS } from './plants/index.ts';
import type { PlantedTraining } from './plant.ts';
import type { TrainingRows } from './training.ts';

export interface PlannedRun extends PlantedTraining {
  readonly seed: number;
  readonly label: CurveLabel | null;
  readonly fingerprint: string;
}

/**
 * Seeds on which thresholds were settled: the first 90, and the 90 after them that their hash holds back, which measured an earlier
 * version of the detectors (recall of `saturated` 0.82, precision of `late-noise` 0.87) and were looked at for this one.
 */
const FIRST_SEEDS = 90;
const SPENT_SEEDS = 90;
/** Trained and counted after everything was frozen. */
const HELD_BACK_SEEDS = 90;

export const HALVES = ['tuning', 'held back'] as const;
export type Half = (typeof HALVES)[number];

const LATER_SEEDS = hashedSeeds(SPENT_SEEDS + HELD_BACK_SEEDS);
const HELD_BACK: ReadonlySet<number> = new Set(LATER_SEEDS.slice(SPENT_SEEDS));

/** One of each label and one healthy for each of these. */
export const PLANNED_SEEDS: readonly number[] = [...Array(FIRST_SEEDS).keys(), ...LATER_SEEDS];

export function halfOf(seed: number): Half {
  return HELD_BACK.has(seed) ? 'held back' : 'tuning';
}

export function plannedRuns(seeds = PLANNED_SEEDS): readonly PlannedRun[] {
  return seeds.flatMap((seed) => {
    const training = healthyTraining(seed);
    const planted = PLANTS.map(({ label, plant }) => ({ label, ...plant(training, createRng(seed, 'plant', label)) }));
    const healthy = { label: null, cause: 'healthy', training };
    return [healthy, ...planted].map((run): PlannedRun => ({ ...run, seed, fingerprint: fingerprintOf(run) }));
  });
}

/** The first seeds after `FIRST_SEEDS` with an even hash. */
function hashedSeeds(count: number): readonly number[] {
  const seeds: number[] = [];
  for (let seed = FIRST_SEEDS; seeds.length < count; seed += 1)
    if (deriveSeed('held back', seed) % 2 === 0) seeds.push(seed);
  return seeds;
}

/** Of everything that a description says, its functions by what they give for a made-up set of rows. */
function fingerprintOf({ training, cause, period }: PlantedTraining): string {
  const { order, learningRate, rows, ...plain } = training;
  const example: TrainingRows = {
    samples: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)),
    labels: Int32Array.from({ length: 24 }, (_, i) => (5 * i) % 6),
    subjects: Int32Array.from({ length: 24 }, (_, i) => i % 4),
  };
  const other = rows?.(example, 6);
  const epochs = training.configuration['epochs'] as number;
  const content = JSON.stringify({
    plain,
    cause,
    period,
    rows: other && { samples: [...other.samples], labels: [...other.labels] },
    orders: order && [0, 1, Math.floor(epochs / 2), epochs - 1].map((epoch) => [...order(other ?? example, epoch)]),
    rates: learningRate && Array.from({ length: 8 * epochs }, (_, step) => learningRate(1, { step, stepsPerEpoch: 8 })),
  });
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
