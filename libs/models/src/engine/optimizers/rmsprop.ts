/**
 * RMSprop (Hinton's lecture 6e), as torch.optim.RMSprop:
 *   s += (1 - a) (g^2 - s),   r = sqrt(s) + eps,   centered: c += (1 - a) (g - c), r = sqrt(s - c^2) + eps
 *   w -= lr g / r,   with momentum u   b = u b + g / r, w -= lr b.
 * TensorFlow's kernel puts eps under the root and lr into b, so the graph gets the ops of `update`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { inRange } from './in-range.ts';
import { addDecay } from './l2-decay.ts';
import type { OptimizerRule, RmspropSpec } from './optimizer.ts';

export function rmsprop(spec: RmspropSpec): OptimizerRule {
  const alpha = inRange('alpha', spec.alpha ?? 0.99, 0, 1);
  const epsilon = inRange('epsilon', spec.epsilon ?? 1e-8, 0, Infinity);
  const momentum = inRange('momentum', spec.momentum ?? 0, 0, 1);
  const weightDecay = inRange('weightDecay', spec.weightDecay ?? 0, 0, Infinity);
  const isCentered = spec.centered ?? false;
  const hasMomentum = momentum > 0;

  return {
    slots: ['square', ...(isCentered ? ['mean'] : []), ...(hasMomentum ? ['velocity'] : [])],
    scalars: ['learningRate'],
    scalarsAt: (_step, learningRate) => [learningRate],
    update({ weight, gradient, slots, decays }, { learningRate }) {
      const g = decays ? addDecay(gradient, weight, weightDecay) : gradient;
      const towards = (old: tf.Tensor, target: tf.Tensor): tf.Tensor =>
        tf.add(old, tf.mul(tf.sub(target, old), 1 - alpha));
      const square = towards(slots['square'] as tf.Tensor, tf.square(g));
      const mean = isCentered ? towards(slots['mean'] as tf.Tensor, g) : undefined;
      const variance = mean === undefined ? square : tf.sub(square, tf.square(mean));
      const direction = tf.div(g, tf.add(tf.sqrt(variance), epsilon));
      const velocity = hasMomentum ? tf.add(tf.mul(slots['velocity'] as tf.Tensor, momentum), direction) : undefined;
      return {
        weight: tf.sub(weight, tf.mul(velocity ?? direction, learningRate as tf.Tensor)),
        slots: { square, ...(mean && { mean }), ...(velocity && { velocity }) },
      };
    },
  };
}
