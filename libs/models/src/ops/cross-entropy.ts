import * as tf from '@tensorflow/tfjs-core';
import { tensorflowOp, withGradient } from './tensorflow-op.ts';

// B batch, K classes.

/** What the loss is measured against: t [B, K] and the sum W that its mean divides by. */
export interface ClassTargets {
  readonly targets: tf.Tensor2D;
  readonly totalWeight: tf.Scalar;
}

/**
 * Targets of integer labels with PyTorch's semantics of `label_smoothing` ε and `weight` w:
 *
 *     t_ic = w_c ((1 - ε) [c = y_i] + ε / K),   W = Σ_i w_{y_i}        labels int32 [B], classWeights [K]
 *
 * Without class weights w = 1 and W = B.
 */
export function classTargets(
  labels: tf.Tensor1D,
  classCount: number,
  {
    labelSmoothing = 0,
    classWeights,
  }: { readonly labelSmoothing?: number; readonly classWeights?: tf.Tensor1D | undefined } = {},
): ClassTargets {
  const smoothing = labelSmoothing / classCount;
  const oneHot = tf.oneHot(labels, classCount, 1, 0, 'float32') as tf.Tensor2D;
  const smoothed: tf.Tensor2D = labelSmoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - labelSmoothing), smoothing);
  if (classWeights === undefined) return { targets: smoothed, totalWeight: tf.scalar(labels.shape[0]) };
  return { targets: tf.mul(smoothed, classWeights), totalWeight: tf.sum(tf.mul(oneHot, classWeights)) as tf.Scalar };
}

/** Mixes the targets of two labellings of one batch by λ in [0, 1]: λ a + (1 - λ) b, each λ of its own row. lambda [B, 1]. */
export function mixTargets(a: ClassTargets, b: ClassTargets, lambda: tf.Tensor2D): ClassTargets {
  const mix = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D => tf.add(y, tf.mul(lambda, tf.sub(x, y)));
  return { targets: mix(a.targets, b.targets), totalWeight: a.totalWeight };
}

/**
 * Softmax cross-entropy, averaged: logits z [B, K] -> scalar.
 *
 *     L = -1/W Σ_ic t_ic log softmax(z_i)_c
 *     dz_i = dL/W (softmax(z_i) Σ_c t_ic - t_i)
 *
 * Only the logits have a gradient.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, { targets, totalWeight }: ClassTargets): tf.Scalar {
  return withGradient(
    [logits],
    () => {
      const logProbabilities = tensorflowOp<tf.Tensor2D>('LogSoftmax', { T: { dtype: 'float32' } }, [logits]);
      const loss = tf.neg(tf.div(tf.sum(tf.mul(targets, logProbabilities)), totalWeight)) as tf.Scalar;
      return { value: loss, saved: [logProbabilities, targets, totalWeight] };
    },
    (dy, saved) => {
      const [logProbabilities, targets, totalWeight] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Scalar];
      const mass = tf.sum(targets, 1, true); // [B, 1]
      const difference = tf.sub(tf.mul(tf.exp(logProbabilities), mass), targets);
      return [tf.mul(difference, tf.div(dy, totalWeight))];
    },
  );
}
