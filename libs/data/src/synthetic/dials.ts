import { InputError } from '@kinetune/study';
import { ACTIVITIES, type Activity } from './activities.ts';

/** What a generated data set is made of, and how hard it is. The defaults are tuned to the acceptance test. */
export interface SyntheticOptions {
  readonly people: number;
  /** Minutes of recording for each person, in two recordings. */
  readonly minutesPerPerson: number;
  /** The same seed gives person n the same recordings, however many people there are. */
  readonly seed: number;
  readonly activities: readonly Activity[];
  readonly sampleRateHz: number;
  /** `belt`: worn the same way but for a few degrees; `free`: turned by any angle about the vertical. */
  readonly placement: 'belt' | 'free';
  /** 0 ... 1: pulls walking and stairs together, until at 1 they are one gait. */
  readonly gaitOverlap: number;
  /** 0 ... 1: pulls sitting and standing together. */
  readonly postureOverlap: number;
  /** Factor on all differences between people; 0 makes them one person, and then no split by people matters. */
  readonly personVariance: number;
  /** Where a label begins and ends is wrong by up to this share of its segment. */
  readonly borderError: number;
  /** Standard deviation of sampling instants, seconds. */
  readonly samplingJitterSeconds: number;
  /** Share of samples that are lost and repeat the one before. */
  readonly dropoutShare: number;
}

export const DEFAULT_SYNTHETIC_OPTIONS: SyntheticOptions = {
  // As many as HAPT has; at 20 or 40 the gap between splits leaves its band more often.
  people: 30,
  minutesPerPerson: 6,
  seed: 0,
  activities: ['WALK', 'UP', 'DOWN', 'SIT', 'STAND', 'LAY'],
  sampleRateHz: 50,
  placement: 'belt',
  gaitOverlap: 0,
  postureOverlap: 0,
  personVariance: 1,
  borderError: 0.015,
  samplingJitterSeconds: 0.001,
  dropoutShare: 0.0005,
};

/** @throws InputError naming the dial, its range and what came. */
export function checkSyntheticOptions(options: SyntheticOptions): void {
  const range = (name: keyof SyntheticOptions, low: number, high: number) => {
    const value = options[name] as number;
    if (!(value >= low && value <= high)) {
      throw new InputError('synthetic-options', `${name}: expected a number from ${low} to ${high}, got ${value}`);
    }
  };
  range('people', 1, 100_000);
  range('minutesPerPerson', 1, 10_000);
  range('sampleRateHz', 20, 1000);
  range('gaitOverlap', 0, 1);
  range('postureOverlap', 0, 1);
  range('personVariance', 0, 5);
  range('borderError', 0, 0.1);
  range('samplingJitterSeconds', 0, 0.1);
  range('dropoutShare', 0, 0.5);
  range('seed', 0, 2 ** 32 - 1);
  if (!Number.isInteger(options.people) || !Number.isInteger(options.seed)) {
    throw new InputError(
      'synthetic-options',
      `people and seed: expected whole numbers, got ${options.people}, ${options.seed}`,
    );
  }
  const unknown = options.activities.find((name) => !ACTIVITIES.includes(name));
  if (
    options.activities.length === 0 ||
    unknown !== undefined ||
    new Set(options.activities).size < options.activities.length
  ) {
    throw new InputError(
      'synthetic-options',
      `activities: expected different ones of ${ACTIVITIES.join(', ')}; got ${options.activities.join(', ') || 'none'}`,
    );
  }
  if (options.placement !== 'belt' && options.placement !== 'free') {
    throw new InputError('synthetic-options', `placement: expected belt or free, got ${String(options.placement)}`);
  }
}
