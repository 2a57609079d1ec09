import * as tf from '@tensorflow/tfjs-core';
import { tensorflowOp, withGradient } from './tensorflow-op.ts';

/** max(x, 0), any shape; its gradient, dy where the output is positive and 0 elsewhere, is one op. */
export function relu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    () => {
      const value = tf.relu(x);
      return { value, saved: [value] };
    },
    (dy, [value]) => [reluGradient(dy, value as T)],
  );
}

/** dy where `value`, the output of ReLU, is positive; 0 elsewhere, at 0 too, as in PyTorch. */
export function reluGradient<T extends tf.Tensor>(dy: T, value: T): T {
  return tensorflowOp<T>('ReluGrad', { T: { dtype: 'float32' } }, [dy, value]);
}
