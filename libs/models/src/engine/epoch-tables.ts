/** What an epoch asks for, and the tables that its steps read. */
import { deriveSeed, InputError } from '@kinetune/study';
import type { Training } from './engine-options.ts';

export interface EpochOptions {
  /** Rows of the training split in the order of visit; a row may occur more than once or not at all. */
  readonly order: Int32Array;
  /** One per step. */
  readonly learningRates: ArrayLike<number>;
  /** Ends the epoch before its next turn. */
  readonly signal?: AbortSignal;
  /** Called about every 50 ms with the steps done and the last one's loss. */
  readonly onProgress?: (progress: { readonly stepCount: number; readonly loss: number }) => void;
}

export interface EpochTables {
  readonly stepCount: number;
  /** Rows of the last batch. */
  readonly lastRows: number;
  /** One row a step, of `scheduleColumns`. */
  readonly schedule: Float32Array;
  /** One int32 a step. */
  readonly seeds: Int32Array;
}

/** Names of the schedule's columns: the optimizer's scalars and, where averages are kept, their rate. */
export function scheduleColumns({
  optimizer,
  averageDecay,
}: Pick<Training, 'optimizer' | 'averageDecay'>): readonly string[] {
  return [...optimizer.scalars, ...(averageDecay === undefined ? [] : ['averageRate'])];
}

/**
 * Tables of the epoch that starts after `firstStep` steps. All is a function of the seed and the step's number, so a
 * resumed run draws the same.
 */
export function epochTables(
  training: Training,
  firstStep: number,
  { order, learningRates }: EpochOptions,
): EpochTables {
  const { optimizer, averageDecay, seed, batchSize } = training;
  const stepCount = Math.ceil(order.length / batchSize);
  const width = scheduleColumns(training).length;
  const schedule = new Float32Array(stepCount * width);
  const seeds = new Int32Array(stepCount);
  for (let i = 0; i < stepCount; i++) {
    const step = firstStep + i + 1;
    const row = [...optimizer.scalarsAt(step, learningRates[i] as number)];
    // The first step sets the average to the weights, as torch.optim.swa_utils.AveragedModel does.
    if (averageDecay !== undefined) row.push(step === 1 ? 1 : 1 - averageDecay);
    schedule.set(row, i * width);
    seeds[i] = deriveSeed(seed, 'step', step) | 0;
  }
  return { stepCount, lastRows: order.length - (stepCount - 1) * batchSize, schedule, seeds };
}

/** Throws an `InputError` for an epoch that the training split and batch size do not allow. */
export function assertEpoch({ data, batchSize }: Training, { order, learningRates }: EpochOptions): void {
  if (!(order instanceof Int32Array)) {
    const kind = (order as object | undefined)?.constructor.name;
    throw new InputError('order', `The order of an epoch must be an Int32Array, got ${kind}`);
  }
  const trainRows = data.splits.get('train')?.rowCount ?? 0;
  if (order.length === 0) throw new InputError('order', 'The order of an epoch needs at least one row');
  const bad = order.findIndex((row) => row < 0 || row >= trainRows);
  if (bad >= 0)
    throw new InputError('order', `order[${bad}] is ${order[bad]}; the training split has rows 0 to ${trainRows - 1}`);
  const stepCount = Math.ceil(order.length / batchSize);
  if (learningRates.length !== stepCount) {
    throw new InputError(
      'learningRates',
      `${order.length} rows in batches of ${batchSize} are ${stepCount} steps; got ${learningRates.length} learning rates`,
    );
  }
  for (let i = 0; i < stepCount; i++) {
    const rate = learningRates[i] as number;
    if (!(rate >= 0 && Number.isFinite(rate)))
      throw new InputError(
        'learningRates',
        `The learning rate of step ${i} must be finite and not negative, got ${rate}`,
      );
  }
}
