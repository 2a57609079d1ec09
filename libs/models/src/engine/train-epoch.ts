/** One epoch: its tables into the graph, step after step, and what the steps logged. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deriveSeed } from '@kinetune/study';
import type { GraphSession } from './graph-session.ts';
import type { OptimizerRule } from './optimizers/optimizer.ts';
import { summariseLog, type EpochResult } from './epoch-result.ts';
import { logColumns, type TrainingGraph } from './training-graph.ts';

/** How long steps may keep the event loop waiting: messages (stop, heartbeat) are answered in between. */
const turnMs = 50;

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

export interface EpochRun {
  readonly session: GraphSession;
  readonly training: TrainingGraph;
  readonly optimizer: OptimizerRule;
  readonly seed: number;
  readonly batchSize: number;
  /** Steps taken before this epoch. */
  readonly firstStep: number;
  readonly averageDecay: number | undefined;
  readonly clipNorm: number | undefined;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

export async function runEpoch(run: EpochRun, options: EpochOptions): Promise<EpochResult> {
  const { session, training, batchSize, now } = run;
  const { order, signal, onProgress } = options;
  const startMs = now();
  const stepCount = Math.ceil(order.length / batchSize);
  const lastRows = order.length - (stepCount - 1) * batchSize;
  writeTables(run, options, stepCount);

  const runner = (rows: number): ((index: number) => void) =>
    session.prepare(training.index, training.steps.get(rows) as string);
  const fullStep = stepCount > 1 ? runner(batchSize) : undefined;
  const lastStep = runner(lastRows);

  let done = 0;
  let turnStartMs = now();
  let end: EpochResult['end'] = 'finished';
  while (done < stepCount) {
    (done === stepCount - 1 ? lastStep : (fullStep as typeof lastStep))(done);
    done += 1;
    if (now() - turnStartMs < turnMs || done === stepCount) continue;
    const loss = lastLoss(session, training, done);
    onProgress?.({ stepCount: done, loss });
    await nextTurn();
    turnStartMs = now();
    // Once a weight is not finite, no later step can mend it.
    if (!Number.isFinite(loss)) end = 'not-finite';
    else if (signal?.aborted) end = 'aborted';
    if (end !== 'finished') break;
  }

  const [log] = session.run([], [training.variables.log.value]) as [Float32Array];
  const rowCount = done === stepCount ? order.length : done * batchSize;
  return summariseLog(log, { end, stepCount: done, rowCount, clipNorm: run.clipNorm, durationMs: now() - startMs });
}

function lastLoss(session: GraphSession, training: TrainingGraph, done: number): number {
  const [log] = session.run([], [training.variables.log.value]) as [Float32Array];
  const row = (done - 1) * logColumns.length;
  return (log[row] as number) / (log[row + 1] as number);
}

/** The epoch's tables. Everything is a function of the seed and the step's number, so a resumed run draws the same. */
function writeTables(
  { session, training, optimizer, seed, firstStep, averageDecay }: EpochRun,
  { order, learningRates }: EpochOptions,
  stepCount: number,
): void {
  const { variables, scheduleColumns } = training;
  const schedule = new Float32Array(stepCount * scheduleColumns.length);
  const seeds = new Int32Array(stepCount);
  for (let i = 0; i < stepCount; i++) {
    const step = firstStep + i + 1;
    const row = [...optimizer.scalarsAt(step, learningRates[i] as number)];
    // The first step sets the average to the weights, as torch.optim.swa_utils.AveragedModel does.
    if (averageDecay !== undefined) row.push(step === 1 ? 1 : 1 - averageDecay);
    schedule.set(row, i * scheduleColumns.length);
    seeds[i] = deriveSeed(seed, 'step', step) | 0;
  }
  const { order: orderVariable, schedule: scheduleVariable, seeds: seedsVariable, log } = variables;
  session.run(
    [
      { name: orderVariable.feed, shape: [order.length], values: order },
      { name: scheduleVariable.feed, shape: [stepCount, scheduleColumns.length], values: schedule },
      { name: seedsVariable.feed, shape: [stepCount], values: seeds },
      {
        name: log.feed,
        shape: [stepCount, logColumns.length],
        values: new Float32Array(stepCount * logColumns.length),
      },
    ],
    [training.assignment([orderVariable, scheduleVariable, seedsVariable, log])],
  );
}
