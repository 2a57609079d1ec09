import * as tf from '@tensorflow/tfjs-core';
import { tensorflowOp } from '../ops/tensorflow-op.ts';

// B batch, T time, C channels.

/** Samples of each window at its own whole positions: x [B, T, C], positions int32 [B, T'] in [0, T) -> [B, T', C]. */
export function gatherTime(x: tf.Tensor3D, positions: tf.Tensor2D): tf.Tensor3D {
  // tf.gather would read the positions back to check them, which a recorded graph cannot.
  return tensorflowOp(
    'GatherV2',
    { batch_dims: 1, Tparams: { dtype: 'float32' }, Tindices: { dtype: 'int32' }, Taxis: { dtype: 'int32' } },
    [x, positions, tf.scalar(1, 'int32')],
  );
}

/** The same at fractional positions in [0, T - 1], by linear interpolation. positions float32 [B, T'] */
export function interpolateTime(x: tf.Tensor3D, positions: tf.Tensor2D): tf.Tensor3D {
  const last = x.shape[1] - 1;
  const below = tf.clipByValue(tf.floor(positions), 0, last) as tf.Tensor2D;
  const above = tf.minimum(tf.add(below, 1), last) as tf.Tensor2D;
  const fraction = tf.expandDims(tf.sub(positions, below), 2); // [B, T', 1]
  const left = gatherTime(x, tf.cast(below, 'int32'));
  const right = gatherTime(x, tf.cast(above, 'int32'));
  return tf.add(left, tf.mul(fraction, tf.sub(right, left)));
}
