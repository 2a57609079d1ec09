/** A cause that is put into a healthy training, and how it is known that it took effect. */
import type { Rng } from '@kinetune/study';
import type { CurveLabel } from '@kinetune/search';
import type { StoredRun } from './stored-run.ts';
import type { Training } from './training.ts';

export interface PlantedTraining {
  readonly training: Training;
  /** What was done, in a few words. */
  readonly cause: string;
  /** Epochs after which the cause comes round, for `periodic`; 1 for what repeats within every epoch. */
  readonly period?: number;
}

export interface Plant {
  readonly label: CurveLabel;
  readonly plant: (healthy: Training, rng: Rng) => PlantedTraining;
  /**
   * A number that the cause must have moved, fixed before any detector was written and not the one that the detector looks at.
   * Larger is worse. Null where the curve does not have it: then the run does not count.
   */
  readonly statistic: (run: StoredRun, planted: PlantedFacts) => number | null;
  /** In words, for the table. */
  readonly statisticName: string;
  /** The statistic must reach this as well, so that what moved is large enough to be called by the label. */
  readonly atLeast: number;
  /** Other labels that the cause cannot bring about: a finding of one of them on a run of this plant is a false positive. */
  readonly excludes: readonly CurveLabel[];
}

/** What a statistic may know of how the planted run was made, besides its curve. */
export interface PlantedFacts {
  readonly period: number | null;
}
