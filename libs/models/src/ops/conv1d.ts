import * as tf from '@tensorflow/tfjs-core';
import { dense } from './dense.ts';
import { reluGradient } from './relu.ts';
import { biasAdd, biasGradient, tensorflowOp, withGradient } from './tensorflow-op.ts';

export const PADDINGS = ['valid', 'same'] as const;
export type Padding = (typeof PADDINGS)[number];

/**
 * A one-dimensional convolution (cross-correlation, stride 1), optionally with ReLU.
 *
 *     y_t = b + Σ_{j<k} x_{t+j-l} W_j                      x [B, T, I], W [k, I, O], b [O] -> y [B, T', O]
 *
 * `valid`: l = 0, T' = T - k + 1. `same`: l = ⌊(k-1)/2⌋, T' = T, zeros outside (PyTorch's padding='same', also for even
 * k). W is PyTorch's `Conv1d.weight` with its axes reversed. Runs as Conv2D on [B, 1, T, I]; its gradients are
 * Conv2DBackpropInput and Conv2DBackpropFilter; ReLU's gradient (0 at 0, as in PyTorch) reads the output, so that
 * convolution, bias and ReLU can run as one fused kernel. A kernel of size 1 is a dense layer on time steps.
 */
export function conv1d(
  x: tf.Tensor3D,
  kernel: tf.Tensor3D,
  {
    bias,
    padding,
    activation,
  }: { readonly bias: tf.Tensor1D; readonly padding: Padding; readonly activation: 'relu' | 'none' },
): tf.Tensor3D {
  const [batchSize, length, inputSize] = x.shape;
  const [kernelSize, , outputSize] = kernel.shape;
  if (kernelSize === 1 && activation === 'none') {
    const rows: tf.Tensor2D = tf.reshape(x, [batchSize * length, inputSize]);
    const matrix: tf.Tensor2D = tf.reshape(kernel, [inputSize, outputSize]);
    return tf.reshape(dense(rows, matrix, bias), [batchSize, length, outputSize]);
  }
  const attributes = {
    T: { dtype: 'float32' },
    strides: [1, 1, 1, 1],
    dilations: [1, 1, 1, 1],
    padding: padding === 'same' ? 'SAME' : 'VALID',
    data_format: 'NHWC',
    use_cudnn_on_gpu: true,
  } as const;
  const input: tf.Tensor4D = tf.reshape(x, [batchSize, 1, length, inputSize]);
  const filter: tf.Tensor4D = tf.reshape(kernel, [1, kernelSize, inputSize, outputSize]);
  const output = withGradient(
    [input, filter, bias],
    () => {
      const linear = biasAdd(tf.conv2d(input, filter, 1, padding), bias);
      const value = activation === 'relu' ? tf.relu(linear) : linear;
      return { value, saved: activation === 'relu' ? [input, filter, value] : [input, filter] };
    },
    (dy, [input, filter, value]) => {
      const dLinear = value === undefined ? dy : reluGradient(dy, value as tf.Tensor4D);
      const inputShape = tf.tensor1d((input as tf.Tensor).shape, 'int32');
      const filterShape = tf.tensor1d((filter as tf.Tensor).shape, 'int32');
      return [
        tensorflowOp('Conv2DBackpropInput', attributes, [inputShape, filter as tf.Tensor, dLinear]),
        tensorflowOp('Conv2DBackpropFilter', attributes, [input as tf.Tensor, filterShape, dLinear]),
        biasGradient(dLinear),
      ];
    },
  );
  const outputLength = output.shape[2] as number;
  return tf.reshape(output, [batchSize, outputLength, outputSize]);
}
