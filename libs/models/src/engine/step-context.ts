/** What a forward pass and an augmentation may use besides tensors: dropout and draws, keyed by the step's seed. */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext, RandomSource } from '../model.ts';
import { drawKeepMask, drawStateless, type KeepMask } from './stateless-random.ts';

/** Dropout is off, and nothing is drawn. */
export const evaluationContext: ForwardContext = { isTraining: false, dropout: (x) => x };

/** The contexts of one training step. Draws count their places together, so no two share a key. */
export function trainingContext(stepSeed: tf.Tensor): {
  readonly forward: ForwardContext;
  readonly random: RandomSource;
} {
  let nextPlace = 0;
  const draw = (distribution: Parameters<typeof drawStateless>[0], shape: readonly number[]): tf.Tensor =>
    drawStateless(distribution, shape, { stepSeed, place: nextPlace++ });
  return {
    forward: {
      isTraining: true,
      dropout(x, rate) {
        if (!(rate >= 0 && rate < 1)) throw new RangeError(`Dropout rate must be in [0, 1), got ${rate}`);
        return rate === 0 ? x : dropout(x, drawKeepMask(x.shape, rate, { stepSeed, place: nextPlace++ }));
      },
    },
    random: {
      uniform: (shape) => draw('StatelessRandomUniformV2', shape),
      normal: (shape) => draw('StatelessRandomNormalV2', shape),
    },
  };
}

/** Inverted dropout (Srivastava et al. 2014): y = x m / p, where m = 1 with probability p and else 0. */
function dropout<T extends tf.Tensor>(x: T, { mask, keepProbability }: KeepMask): T {
  const masked = tf.customGrad((...args) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const scaled = tf.mul(tf.cast(mask, 'float32'), 1 / keepProbability);
    save([scaled]);
    return {
      value: tf.mul(input, scaled),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor),
    };
  });
  return masked(x) as T;
}
