/**
 * Stochastic gradient descent, as torch.optim.SGD without dampening: with momentum u,
 *   b = u b + g,   w -= lr b,   or with Nesterov's   w -= lr (g + u b).
 * The learning rate stays outside b, so a schedule acts at once. `ResourceApplyMomentum` computes the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@kinetune/study';
import { dataTypes } from '../tensorflow-backend.ts';
import { inRange } from './in-range.ts';
import { addDecay, emitDecay } from './l2-decay.ts';
import type { OptimizerRule, SgdSpec } from './optimizer.ts';

export function sgd(spec: SgdSpec): OptimizerRule {
  const momentum = inRange('momentum', spec.momentum ?? 0, 0, 1);
  const weightDecay = inRange('weightDecay', spec.weightDecay ?? 0, 0, Infinity);
  const isNesterov = spec.nesterov ?? false;
  if (isNesterov && momentum === 0) throw new InputError('optimizer', 'nesterov needs a momentum above 0, got 0');
  const hasMomentum = momentum > 0;
  const float = { type: dataTypes.float32 };

  return {
    slots: hasMomentum ? ['velocity'] : [],
    scalars: ['learningRate'],
    scalarsAt: (_step, learningRate) => [learningRate],
    update({ weight, gradient, slots, decays }, { learningRate }) {
      const rate = learningRate as tf.Tensor;
      const g = decays ? addDecay(gradient, weight, weightDecay) : gradient;
      if (!hasMomentum) return { weight: tf.sub(weight, tf.mul(g, rate)), slots: {} };
      const velocity = tf.add(tf.mul(slots['velocity'] as tf.Tensor, momentum), g);
      const direction = isNesterov ? tf.add(g, tf.mul(velocity, momentum)) : velocity;
      return { weight: tf.sub(weight, tf.mul(direction, rate)), slots: { velocity } };
    },
    emit(graph, { variable, slots, value, gradient, scalars, decays, after }) {
      const rate = scalars['learningRate'] as string;
      const g = decays ? emitDecay(graph, gradient, value, weightDecay) : gradient;
      const attributes = { T: float, use_locking: { bool: false } };
      if (!hasMomentum) return graph.add('ResourceApplyGradientDescent', [variable, rate, g], attributes, { after });
      return graph.add(
        'ResourceApplyMomentum',
        [variable, slots['velocity'] as string, rate, g, graph.float(momentum)],
        { ...attributes, use_nesterov: { bool: isNesterov } },
        { after },
      );
    },
  };
}
