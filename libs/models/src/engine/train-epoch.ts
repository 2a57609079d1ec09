/** One epoch: its tables into the graph, step after step, and what the steps logged. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Training } from './engine-options.ts';
import { summariseLog, type EpochResult } from './epoch-result.ts';
import { epochTables, type EpochOptions, type EpochTables } from './epoch-tables.ts';
import type { GraphSession } from './graph-session.ts';
import { logColumns, type TrainingGraph } from './training-graph.ts';

/** How long steps may keep the event loop waiting: messages (stop, heartbeat) are answered in between. */
const turnMs = 50;

export interface EpochRun {
  readonly training: Training;
  readonly graph: TrainingGraph;
  readonly session: GraphSession;
  /** Steps taken before this epoch. */
  readonly firstStep: number;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

export async function runEpoch(run: EpochRun, options: EpochOptions): Promise<EpochResult> {
  const { training, graph, session, now } = run;
  const { order, signal, onProgress } = options;
  const startMs = now();
  const tables = epochTables(training, run.firstStep, options);
  writeTables(run, order, tables);

  const { stepCount, lastRows } = tables;
  const runner = (rows: number): ((index: number) => void) =>
    session.prepare(graph.index, graph.steps.get(rows) as string);
  const lastStep = runner(lastRows);
  const fullStep = stepCount > 1 ? runner(training.batchSize) : lastStep;

  let done = 0;
  let end: EpochResult['end'] = 'finished';
  let turnStartMs = now();
  while (done < stepCount) {
    (done === stepCount - 1 ? lastStep : fullStep)(done);
    done += 1;
    if (now() - turnStartMs < turnMs || done === stepCount) continue;
    const soFar = readLog(run).subarray(0, done * logColumns.length);
    onProgress?.({ stepCount: done, loss: lossOfStep(soFar, done - 1) });
    await nextTurn();
    turnStartMs = now();
    if (!allFinite(soFar)) break;
    if (signal?.aborted) {
      end = 'aborted';
      break;
    }
  }

  const log = readLog(run);
  // A loss or gradient that is not finite spoils the weights, and no later step can mend them.
  if (!allFinite(log.subarray(0, done * logColumns.length))) end = 'not-finite';
  return summariseLog(log, {
    end,
    stepCount: done,
    rowCount: done === stepCount ? order.length : done * training.batchSize,
    clipNorm: training.definition.clipNorm,
    durationMs: now() - startMs,
  });
}

function readLog({ session, graph }: EpochRun): Float32Array {
  const [log] = session.run([], [graph.variables.log.value]);
  return log as Float32Array;
}

function allFinite(values: Float32Array): boolean {
  return values.every(Number.isFinite);
}

function lossOfStep(log: Float32Array, step: number): number {
  const row = step * logColumns.length;
  return (log[row] as number) / (log[row + 1] as number);
}

function writeTables(
  { session, graph }: EpochRun,
  order: Int32Array,
  { stepCount, schedule, seeds }: EpochTables,
): void {
  const variables = graph.variables;
  session.run(
    [
      { name: variables.order.feed, shape: [order.length], values: order },
      { name: variables.schedule.feed, shape: [stepCount, schedule.length / stepCount], values: schedule },
      { name: variables.seeds.feed, shape: [stepCount], values: seeds },
      {
        name: variables.log.feed,
        shape: [stepCount, logColumns.length],
        values: new Float32Array(stepCount * logColumns.length),
      },
    ],
    [graph.assignEpoch],
  );
}
