/** One training as a plain description, with the three places at which a cause can be planted from outside of the engine. */
import { createRng, permutation, type Values } from '@kinetune/study';
import type { RecordingsName } from './recordings.ts';

export const FAMILY_NAMES = ['cnn1d', 'vit1d', 'conv-transformer'] as const;
export type Family = (typeof FAMILY_NAMES)[number];

/** Windows that a training sees: rows are [T, C] one after another, standardised. */
export interface TrainingRows {
  readonly samples: Float32Array;
  readonly labels: Int32Array;
  readonly subjects: Int32Array;
}

export interface Training {
  readonly seed: number;
  readonly recordings: RecordingsName;
  /** People by index; training and validation people are disjoint. */
  readonly trainPeople: number;
  readonly validationPeople: number;
  /** At most this many windows of a training person, and of a validation person. */
  readonly windowsPerPerson: number;
  readonly validationWindowsPerPerson: number;
  readonly family: Family;
  /** By leaf name; what is missing takes the catalogue's default. */
  readonly configuration: Values;
  /** Epochs that are trained, where that is not the configuration's whole schedule. */
  readonly stopAfterEpochs?: number;
  /** Rows of an epoch (0-based) in order. */
  readonly order?: (rows: TrainingRows, epoch: number) => Int32Array;
  /** The learning rate of a step (0-based) from the one that the schedule gives. */
  readonly learningRate?: (rate: number, place: { readonly step: number; readonly stepsPerEpoch: number }) => number;
  /** Every sample of training and validation is multiplied by it. */
  readonly inputScale?: number;
  /** Rows in place of the training rows; `order` says which of them an epoch takes. */
  readonly rows?: (rows: TrainingRows, classCount: number) => TrainingRows;
}

/** Every row once, in an order of its own each epoch. */
export function shuffled(seed: number, count: number, epoch: number): Int32Array {
  return permutation(count, createRng(seed, 'epoch order', epoch));
}
