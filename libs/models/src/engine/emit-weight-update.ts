/** One weight's update in the graph, and its average's. */
import * as tf from '@tensorflow/tfjs-core';
import { emitFunction } from './emit-recording.ts';
import type { Edge, GraphBuilder } from './graph-builder.ts';
import { readVariable } from './graph-variables.ts';
import type { OptimizerRule, UpdateTarget } from './optimizers/optimizer.ts';
import { dataTypes } from './tensorflow-backend.ts';

const float = { type: dataTypes.float32 };

export interface WeightUpdate extends UpdateTarget {
  readonly shape: readonly number[];
  /** Handle of the averaged weight, where one is kept. */
  readonly average: Edge | undefined;
}

/** The nodes that must run for the update. */
export function emitWeightUpdate(graph: GraphBuilder, optimizer: OptimizerRule, update: WeightUpdate): string[] {
  const done = optimizer.emit === undefined ? emitAsOps(graph, optimizer, update) : [optimizer.emit(graph, update)];
  return update.average === undefined ? done : [...done, emitAverage(graph, update, update.average, done)];
}

/** The optimizer's `update`, recorded on this weight's shape, its results assigned. */
function emitAsOps(graph: GraphBuilder, optimizer: OptimizerRule, update: WeightUpdate): string[] {
  const slotReads = optimizer.slots.map((slot) =>
    readVariable(graph, { handle: update.slots[slot] as Edge, dtype: float.type }),
  );
  const outputs = tf.tidy(() => {
    const zeros = (): tf.Tensor => tf.zeros([...update.shape]);
    const weight = zeros();
    const gradient = zeros();
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, zeros()]));
    const scalars = Object.fromEntries(optimizer.scalars.map((name) => [name, tf.scalar(1)]));
    const inputs = [
      { tensor: weight, edge: update.value },
      { tensor: gradient, edge: update.gradient },
      ...optimizer.slots.map((slot, i) => ({ tensor: slots[slot] as tf.Tensor, edge: slotReads[i] as Edge })),
      ...optimizer.scalars.map((name) => ({ tensor: scalars[name] as tf.Tensor, edge: update.scalars[name] as Edge })),
    ];
    return emitFunction(graph, inputs, () => {
      const next = optimizer.update({ weight, gradient, slots, decays: update.decays }, scalars);
      return [next.weight, ...optimizer.slots.map((slot) => next.slots[slot] as tf.Tensor)];
    }).outputs as never;
  }) as readonly Edge[];
  const targets = [update.variable, ...optimizer.slots.map((slot) => update.slots[slot] as Edge)];
  return targets.map((handle, i) =>
    // Assigning replaces the variable's buffer and leaves values read before it alone, but reads must not come later.
    graph.add(
      'AssignVariableOp',
      [handle, outputs[i] as Edge],
      { dtype: float },
      { after: i === 0 ? update.after : [slotReads[i - 1] as Edge] },
    ),
  );
}

/** average -= rate (average - weight), with the weight after its update. */
function emitAverage(
  graph: GraphBuilder,
  { variable, scalars }: WeightUpdate,
  average: Edge,
  after: readonly string[],
): string {
  const weight = readVariable(graph, { handle: variable, dtype: float.type }, { after });
  const old = readVariable(graph, { handle: average, dtype: float.type });
  const difference = graph.add('Sub', [old, weight], { T: float });
  const change = graph.add('Mul', [difference, scalars['averageRate'] as Edge], { T: float });
  return graph.add('AssignSubVariableOp', [average, change], { dtype: float });
}
