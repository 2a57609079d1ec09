/** PyTorch's `weight_decay` of Adam, SGD and RMSprop: the gradient of an L2 penalty, g + rate w. */
import * as tf from '@tensorflow/tfjs-core';
import type { Edge, GraphBuilder } from '../graph-builder.ts';
import { dataTypes } from '../tensorflow-backend.ts';

export function addDecay(gradient: tf.Tensor, weight: tf.Tensor, rate: number): tf.Tensor {
  return rate === 0 ? gradient : tf.add(gradient, tf.mul(weight, rate));
}

export function emitDecay(graph: GraphBuilder, gradient: Edge, weight: Edge, rate: number): Edge {
  if (rate === 0) return gradient;
  const attributes = { T: { type: dataTypes.float32 } };
  return graph.add('AddV2', [gradient, graph.add('Mul', [weight, graph.float(rate)], attributes)], attributes);
}
