/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019), as torch.optim computes them: at step t
 *   m += (1 - b1) (g - m),   v += (1 - b2) (g^2 - v)
 *   w -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 *      = a m / (sqrt(v) + e),   a = lr sqrt(1 - b2^t) / (1 - b1^t),   e = eps sqrt(1 - b2^t).
 * The second line is `ResourceApplyAdam`'s with its beta powers at 0, so a and e come from float64.
 * The betas in a and e are the float32 numbers that the kernel uses: 1 - fround(0.999) is off by 1e-5 of itself, which
 * the bias correction then cancels exactly.
 * adam adds weightDecay w to g; adamw multiplies w by 1 - lr weightDecay first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dataTypes } from '../tensorflow-backend.ts';
import { inRange } from './in-range.ts';
import { addDecay, emitDecay } from './l2-decay.ts';
import type { AdamSpec, OptimizerRule } from './optimizer.ts';

export function adam(spec: AdamSpec): OptimizerRule {
  const isDecoupled = spec.type === 'adamw';
  const beta1 = Math.fround(inRange('beta1', spec.beta1 ?? 0.9, 0, 1));
  const beta2 = Math.fround(inRange('beta2', spec.beta2 ?? 0.999, 0, 1));
  const epsilon = inRange('epsilon', spec.epsilon ?? 1e-8, 0, Infinity);
  const weightDecay = inRange('weightDecay', spec.weightDecay ?? (isDecoupled ? 0.01 : 0), 0, Infinity);
  const l2 = isDecoupled ? 0 : weightDecay;
  const shrinks = isDecoupled && weightDecay > 0;
  const float = { type: dataTypes.float32 };

  return {
    slots: ['mean', 'square'],
    scalars: ['stepSize', 'epsilonHat', 'shrinkage'],
    scalarsAt(step, learningRate) {
      const correction = Math.sqrt(1 - beta2 ** step);
      return [(learningRate * correction) / (1 - beta1 ** step), epsilon * correction, learningRate * weightDecay];
    },
    update({ weight, gradient, slots, decays }, { stepSize, epsilonHat, shrinkage }) {
      const g = decays ? addDecay(gradient, weight, l2) : gradient;
      const m = slots['mean'] as tf.Tensor;
      const v = slots['square'] as tf.Tensor;
      const mean = tf.add(m, tf.mul(tf.sub(g, m), 1 - beta1));
      const square = tf.add(v, tf.mul(tf.sub(tf.square(g), v), 1 - beta2));
      const w = shrinks && decays ? tf.sub(weight, tf.mul(weight, shrinkage as tf.Tensor)) : weight;
      const change = tf.div(tf.mul(mean, stepSize as tf.Tensor), tf.add(tf.sqrt(square), epsilonHat as tf.Tensor));
      return { weight: tf.sub(w, change), slots: { mean, square } };
    },
    emit(graph, { variable, slots, value, gradient, scalars, decays, after }) {
      const g = decays ? emitDecay(graph, gradient, value, l2) : gradient;
      let before = after;
      if (shrinks && decays) {
        const loss = graph.add('Mul', [value, scalars['shrinkage'] as string], { T: float });
        before = [graph.add('AssignSubVariableOp', [variable, loss], { dtype: float }, { after })];
      }
      const zero = graph.float(0);
      const inputs = [
        variable,
        slots['mean'] as string,
        slots['square'] as string,
        zero,
        zero,
        scalars['stepSize'] as string,
        graph.float(beta1),
        graph.float(beta2),
        scalars['epsilonHat'] as string,
        g,
      ];
      return graph.add(
        'ResourceApplyAdam',
        inputs,
        { T: float, use_locking: { bool: false }, use_nesterov: { bool: false } },
        { after: before },
      );
    },
  };
}
