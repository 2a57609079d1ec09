/**
 * The training engine: a model, a loss and an optimizer become one TensorFlow graph, and a step is one run of it.
 * Usable by itself: see `examples/train-by-hand.ts`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InputError } from '@kinetune/study';
import { assertCrossEntropyOptions } from './cross-entropy.ts';
import { assertLabels, splitOf } from './data-sets.ts';
import { prepareTraining, type EngineOptions } from './engine-options.ts';
import type { EpochResult } from './epoch-result.ts';
import { assertEpoch, type EpochOptions } from './epoch-tables.ts';
import { evaluateRows, type EvaluationResult } from './evaluation-result.ts';
import { exportVariables, importVariables } from './graph-state.ts';
import { openGraphSession, type GraphSession } from './graph-session.ts';
import { tensorFlowBackend } from './tensorflow-backend.ts';
import { runEpoch } from './train-epoch.ts';
import { buildTrainingGraph, type TrainingGraph } from './training-graph.ts';
import type { TrainingState } from './training-state.ts';

export interface Engine extends AsyncDisposable {
  /** Steps taken. */
  readonly step: number;
  /** One step for each `batchSize` rows of the order, and one for the rest. One call at a time. */
  trainEpoch(options: EpochOptions): Promise<EpochResult>;
  /** Every row of a split once, by default under the current weights. */
  evaluate(
    split: string,
    options?: { readonly averaged?: boolean; readonly outputs?: boolean },
  ): Promise<EvaluationResult>;
  /** Copies of everything a later step depends on. */
  exportState(): TrainingState;
  /**
   * Replaces weights, optimizer and step count; throws an `InputError` if the state is another model's or optimizer's, or
   * an error while an epoch is being trained.
   */
  importState(state: TrainingState): void;
  /** Frees the graph, its variables and the data. */
  close(): void;
}

/**
 * Builds the graph (seconds for a large model) and starts the weights. TensorFlow must be loaded (`loadTensorFlow`).
 * Throws an `InputError` for options that cannot be trained with.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const training = prepareTraining(options);
  const { data, batchSize } = training;
  const trainRows = splitOf(data, 'train').rowCount;
  const labels = data.y instanceof Int32Array ? data.y : undefined;

  let { graph, session } = await compile(options, training, batchSizesOf(trainRows, batchSize));
  let { step } = training.start;
  importVariables({ graph, session }, training.start);

  const ensureSizes = async (rowCount: number): Promise<void> => {
    const missing = batchSizesOf(rowCount, batchSize).filter((size) => !graph.steps.has(size));
    if (missing.length === 0) return;
    // A new batch shape needs its own graph, and variables live in one session: move over.
    const next = await compile(options, training, [...graph.steps.keys(), ...missing]);
    importVariables(next, exportVariables({ graph, session }, step));
    session.close();
    ({ graph, session } = next);
  };

  let isTraining = false;
  const assertIdle = (): void => {
    if (isTraining) throw new Error('An epoch is being trained; wait for its result');
  };

  return {
    get step() {
      return step;
    },
    async trainEpoch(epoch) {
      assertIdle();
      assertEpoch(training, epoch);
      isTraining = true;
      try {
        await ensureSizes(epoch.order.length);
        const run = { training, graph, session, firstStep: step, now: () => performance.now() };
        const result = await runEpoch(run, epoch);
        step += result.stepCount;
        return result;
      } finally {
        isTraining = false;
      }
    },
    async evaluate(split, { averaged = false, outputs = false } = {}) {
      const nodes = averaged ? graph.evaluateAverage : graph.evaluate;
      if (nodes === undefined) {
        throw new InputError('average', 'Averaged weights are not kept; give averageDecay to createEngine');
      }
      const { evaluationSize } = training;
      const rows = splitOf(data, split);
      const run = { session, nodes, evaluationSize, ...rows, labels, keepsOutputs: outputs };
      return evaluateRows(run, () => nextTurn());
    },
    exportState: () => exportVariables({ graph, session }, step),
    importState(state) {
      assertIdle();
      importVariables({ graph, session }, state);
      step = state.step;
    },
    close: () => session.close(),
    async [Symbol.asyncDispose]() {
      session.close();
    },
  };
}

async function compile(
  { loss }: EngineOptions,
  training: ReturnType<typeof prepareTraining>,
  sizes: readonly number[],
): Promise<{ readonly graph: TrainingGraph; readonly session: GraphSession }> {
  const { data } = training;
  const graph = buildTrainingGraph(training, sizes);
  const { outputShape } = graph.evaluate;
  if (data.y instanceof Int32Array && outputShape.length === 1) {
    const classCount = outputShape[0] as number;
    assertLabels(data, classCount);
    if (typeof loss !== 'function') assertCrossEntropyOptions(classCount, loss ?? {});
  }
  const session = await openGraphSession(tensorFlowBackend().binding, graph.graph);
  const { x, y } = graph.variables;
  const feeds = [
    { name: x.feed, shape: x.shape, values: data.x },
    { name: y.feed, shape: y.shape, values: data.y },
  ];
  session.run(feeds, [graph.assignData]);
  return { graph, session };
}

/** The batch shapes of an epoch over `rowCount` rows. */
function batchSizesOf(rowCount: number, batchSize: number): number[] {
  const rest = rowCount % batchSize;
  return [...(rowCount >= batchSize ? [batchSize] : []), ...(rest > 0 ? [rest] : [])];
}
