import * as tf from '@tensorflow/tfjs-core';
import { tensorflowOp, withGradient } from './tensorflow-op.ts';

export const POOLINGS = ['max', 'mean'] as const;
export type Pooling = (typeof POOLINGS)[number];

/**
 * Global pooling over time: x [B, T, C] -> [B, C].
 *
 *     max:  y_c = max_t x_tc, whose gradient goes to the first maximum, as in PyTorch (MaxPoolGrad does the same)
 *     mean: y_c = Σ_t x_tc / T, whose gradient is dy / T at every t
 */
export function poolTime(x: tf.Tensor3D, pooling: Pooling): tf.Tensor2D {
  const [batchSize, length, channelCount] = x.shape;
  if (pooling === 'max') {
    const image: tf.Tensor4D = tf.reshape(x, [batchSize, 1, length, channelCount]);
    const pooled = tf.maxPool(image, [1, length], 1, 'valid');
    return tf.reshape(pooled, [batchSize, channelCount]);
  }
  return withGradient(
    [x],
    () => ({ value: tf.mean(x, 1) as tf.Tensor2D, saved: [] }),
    (dy) => {
      const share = tf.reshape(tf.mul(dy, 1 / length), [batchSize, 1, channelCount]);
      const shape = tf.tensor1d(x.shape, 'int32');
      return [tensorflowOp('BroadcastTo', { T: { dtype: 'float32' }, Tidx: { dtype: 'int32' } }, [share, shape])];
    },
  );
}
