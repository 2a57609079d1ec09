/** Evaluation of rows of the data in the graph, always `evaluationSize` at a time. */
import * as tf from '@tensorflow/tfjs-core';
import { emitFunction } from './emit-recording.ts';
import { blankBatch, type StepEmission } from './emit-training-step.ts';
import type { Edge } from './graph-builder.ts';
import { readVariable, type GraphVariable } from './graph-variables.ts';
import { dataTypes } from './tensorflow-backend.ts';
import type { EvaluationNodes } from './training-graph.ts';
import { computeEvaluation } from './training-step.ts';

export function emitEvaluation(
  { graph, variables, training }: Omit<StepEmission, 'index'>,
  name: string,
  weightVariables: ReadonlyMap<string, GraphVariable>,
): EvaluationNodes {
  const { definition, data, evaluationSize } = training;
  const int32 = { type: dataTypes.int32 };
  const rows = graph.placeholder(`${name}/rows`, dataTypes.int32, [evaluationSize]);
  const gather = ({ handle, dtype }: GraphVariable): Edge =>
    graph.add('ResourceGather', [handle, rows], {
      dtype: { type: dtype },
      Tindices: int32,
      batch_dims: { int: 0 },
      validate_indices: { bool: true },
    });

  return tf.tidy(() => {
    const { inputs, targets } = blankBatch(data, evaluationSize);
    const weights = new Map(definition.model.weights.map((spec) => [spec.name, tf.zeros([...spec.shape])]));
    let outputShape: readonly number[] = [];
    const { outputs } = emitFunction(
      graph,
      [
        { tensor: inputs, edge: gather(variables.x) },
        { tensor: targets, edge: gather(variables.y) },
        ...[...weights].map(([name, tensor]) => ({
          tensor,
          edge: readVariable(graph, weightVariables.get(name) as GraphVariable),
        })),
      ],
      () => {
        const evaluation = computeEvaluation(definition, weights, { inputs, targets });
        outputShape = evaluation.outputs.shape.slice(1);
        const { rowWeights } = evaluation;
        return [evaluation.outputs, evaluation.losses, ...(rowWeights === undefined ? [] : [rowWeights])];
      },
    );
    const [outputsEdge, losses, rowWeights] = outputs as [Edge, Edge, Edge | undefined];
    return { rows, outputs: outputsEdge, losses, rowWeights, outputShape } as never;
  }) as EvaluationNodes;
}
