/** One training step in the graph: gather the batch, the recorded step, the optimizer's updates, the log's row. */
import * as tf from '@tensorflow/tfjs-core';
import type { LaidData } from './data-sets.ts';
import type { Training } from './engine-options.ts';
import { scheduleColumns } from './epoch-tables.ts';
import { emitFunction, type EmittedFunction } from './emit-recording.ts';
import { emitWeightUpdate } from './emit-weight-update.ts';
import type { Edge, GraphBuilder } from './graph-builder.ts';
import { addCompletion, readVariable, type GraphVariable } from './graph-variables.ts';
import { dataTypes } from './tensorflow-backend.ts';
import type { GraphVariables } from './training-graph.ts';
import { computeStep } from './training-step.ts';

export interface StepEmission {
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  /** The step's index in the epoch. */
  readonly index: Edge;
  readonly training: Training;
}

const int32 = { type: dataTypes.int32 };
const float32 = { type: dataTypes.float32 };

/** Emits the step for batches of `rowCount` rows and returns the node whose fetch runs it. */
export function emitTrainingStep(emission: StepEmission, rowCount: number): Edge {
  const { graph, variables, index, training } = emission;
  const { definition, optimizer } = training;
  const { weights: specs } = definition.model;
  const scalars = emitScalars(emission);
  const values = specs.map(({ name }) => readVariable(graph, variables.weights.get(name) as GraphVariable));
  // All of the forward and backward pass is emitted before the first update, so every reader of a weight is known.
  const { lossSum, weightSum, correctCount, gradientNorm, gradients, readers } = emitStep(
    emission,
    rowCount,
    values,
    scalars.seed,
  );

  const row = [lossSum, weightSum, correctCount, gradientNorm];
  const packed = graph.add('Pack', row, { N: { int: row.length }, T: float32, axis: { int: 0 } });
  const logged = graph.add('ResourceScatterUpdate', [variables.log.handle, index, packed], {
    dtype: float32,
    Tindices: int32,
  });

  const updates = specs.flatMap(({ name, shape, decays }, i) => {
    const handleIn = (group: ReadonlyMap<string, GraphVariable> | undefined): Edge => group?.get(name)?.handle as Edge;
    const value = values[i] as Edge;
    return emitWeightUpdate(graph, optimizer, {
      variable: handleIn(variables.weights),
      slots: Object.fromEntries(optimizer.slots.map((slot) => [slot, handleIn(variables.slots.get(slot))])),
      value,
      gradient: gradients[i] as Edge,
      scalars: scalars.byName,
      decays,
      after: [value, ...(readers[i] ?? [])],
      shape,
      average: variables.average.get(name)?.handle,
    });
  });
  return addCompletion(graph, { name: `step/${rowCount}`, value: index, after: [logged, ...updates] });
}

/** The recorded step over the batch that the index names. Gradients and readers are in the order of the weights. */
function emitStep(emission: StepEmission, rowCount: number, values: readonly Edge[], seed: Edge) {
  const { graph, training } = emission;
  const { definition, data } = training;
  const batch = emitBatch(emission, rowCount);
  return tf.tidy(() => {
    const weights = new Map(
      definition.model.weights.map(({ name, shape }) => [name, tf.variable(tf.zeros([...shape]))]),
    );
    const { inputs, targets } = blankBatch(data, rowCount);
    const stepSeed = tf.scalar(0, 'int32');
    try {
      const { outputs, readers } = emitFunction(
        graph,
        [
          ...[...weights.values()].map((tensor, i) => ({ tensor, edge: values[i] as Edge })),
          { tensor: inputs, edge: batch.inputs },
          { tensor: targets, edge: batch.targets },
          { tensor: stepSeed, edge: seed },
        ],
        () => {
          const step = computeStep(definition, weights, { inputs, targets, stepSeed });
          return [step.lossSum, step.weightSum, step.correctCount, step.gradientNorm, ...step.gradients];
        },
      );
      const [lossSum, weightSum, correctCount, gradientNorm, ...gradients] = outputs as [
        Edge,
        Edge,
        Edge,
        Edge,
        ...Edge[],
      ];
      return { lossSum, weightSum, correctCount, gradientNorm, gradients, readers } as never;
    } finally {
      for (const weight of weights.values()) weight.dispose();
    }
  }) as {
    readonly lossSum: Edge;
    readonly weightSum: Edge;
    readonly correctCount: Edge;
    readonly gradientNorm: Edge;
    readonly gradients: readonly Edge[];
    readonly readers: EmittedFunction['readers'];
  };
}

/** A batch to record with: zeros, which are a label too, since the values do not matter. */
export function blankBatch(
  { rowShape, targetShape, y }: LaidData,
  rowCount: number,
): { readonly inputs: tf.Tensor; readonly targets: tf.Tensor } {
  return {
    inputs: tf.zeros([rowCount, ...rowShape]),
    targets: tf.zeros([rowCount, ...targetShape], y instanceof Int32Array ? 'int32' : 'float32'),
  };
}

function emitBatch(
  { graph, variables, index, training }: StepEmission,
  rowCount: number,
): { readonly inputs: Edge; readonly targets: Edge } {
  const start = graph.add('Mul', [index, graph.int(training.batchSize)], { T: int32 });
  const begin = graph.add('ExpandDims', [start, graph.int(0)], { T: int32, Tdim: int32 });
  const rows = graph.add('Slice', [readVariable(graph, variables.order), begin, graph.ints([rowCount])], {
    T: int32,
    Index: int32,
  });
  const gather = (handle: Edge, dtype: { readonly type: number }): Edge =>
    graph.add('ResourceGather', [handle, rows], {
      dtype,
      Tindices: int32,
      batch_dims: { int: 0 },
      validate_indices: { bool: true },
    });
  return {
    inputs: gather(variables.x.handle, float32),
    targets: gather(variables.y.handle, training.data.y instanceof Int32Array ? int32 : float32),
  };
}

function emitScalars({ graph, variables, index, training }: StepEmission): {
  readonly seed: Edge;
  readonly byName: Readonly<Record<string, Edge>>;
} {
  const pick = (table: Edge, dtype: { readonly type: number }): Edge =>
    graph.add('GatherV2', [table, index, graph.int(0)], {
      Tparams: dtype,
      Tindices: int32,
      Taxis: int32,
      batch_dims: { int: 0 },
    });
  const columns = scheduleColumns(training);
  const row = pick(readVariable(graph, variables.schedule), float32);
  const unpacked = graph.add('Unpack', [row], { num: { int: columns.length }, T: float32, axis: { int: 0 } });
  const byName: Record<string, Edge> = {};
  columns.forEach((name, i) => (byName[name] = i === 0 ? unpacked : `${unpacked}:${i}`));
  return { seed: pick(readVariable(graph, variables.seeds), int32), byName };
}
