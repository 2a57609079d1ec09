import * as tf from '@tensorflow/tfjs-core';
import { record } from '../engine/recorder.ts';
import { tensorFlowBackend } from '../engine/tensorflow-backend.ts';

/**
 * Floating-point operations of the matrix products and convolutions that `run` executes, a multiply-add counted as two:
 * twice the output's elements times the length of each sum.
 */
export function countOperations(run: () => tf.Tensor): number {
  return tf.tidy(() => {
    const backend = tensorFlowBackend();
    const { recording } = record(backend, [], run);
    const shapes = new Map<number, readonly number[]>([...recording.constants].map(([id, { shape }]) => [id, shape]));
    let count = 0;
    for (const { name, attributes, inputs, outputs } of recording.ops) {
      for (const { id, shape } of outputs) shapes.set(id, shape);
      const [first, second] = inputs.map((id) => shapes.get(id) as readonly number[]);
      const output = product((outputs[0] as { shape: readonly number[] }).shape);
      if (name === 'MatMul' || name === 'BatchMatMulV2') {
        const flag = name === 'MatMul' ? 'transpose_a' : 'adj_x';
        const isTransposed = attributes.some((attribute) => attribute.name === flag && attribute.value === true);
        count += 2 * output * (first?.at(isTransposed ? -2 : -1) as number);
      }
      if (name === 'Conv2D') count += 2 * output * product((second as readonly number[]).slice(0, 3));
    }
    return count;
  });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}
