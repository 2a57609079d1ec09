/**
 * Softmax cross-entropy with label smoothing and class weights, as PyTorch's `cross_entropy(weight, label_smoothing,
 * reduction='mean')`: with smoothing e, K classes, class weights w and log probabilities l,
 *   numerator_i   = -(1 - e) w[y_i] l[i, y_i] - (e / K) sum_c w[c] l[i, c]
 *   denominator_i = w[y_i],   loss = sum_i numerator_i / sum_i denominator_i.
 * The numerator is s cross-entropy to a target distribution q, with s = (1 - e) w[y] + (e / K) sum(w) and q the weights
 * of the log probabilities over s, so one fused op gives value and gradient: s (softmax - q).
 * Axis letters: B batch, K classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@kinetune/study';
import { executeOp, executeOps, intAttribute, typeAttribute } from './tensorflow-backend.ts';

export interface CrossEntropyOptions {
  /** Share of each target spread over all classes, in [0, 1). Default 0. */
  readonly labelSmoothing?: number;
  /** One non-negative weight per class; default all 1. */
  readonly classWeights?: readonly number[];
}

/** Per row: what the loss's numerator adds and, where rows weigh differently, what its denominator adds. Both [B]. */
export interface RowLosses {
  readonly losses: tf.Tensor1D;
  readonly weights?: tf.Tensor1D;
}

/** From logits [B, K] and labels [B] (int32, 0 to K - 1). Gradients flow to the logits. */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor, options: CrossEntropyOptions = {}): RowLosses {
  const classCount = logits.shape[1];
  const { targets, scales, weights } = tables(classCount, options);
  const rows = pickRows(tf.tensor2d(targets, [classCount, classCount]), labels) as tf.Tensor2D; // [B, K]
  const isPlain = scales.every((scale) => scale === 1) && weights.every((weight) => weight === 1);
  const plain = softmaxCrossEntropy(logits, rows);
  if (isPlain) return { losses: plain };
  return {
    losses: tf.mul(plain, pickRows(tf.tensor1d(scales), labels) as tf.Tensor1D),
    weights: pickRows(tf.tensor1d(weights), labels) as tf.Tensor1D,
  };
}

/** Throws where the options cannot be used with `classCount` classes. */
export function assertCrossEntropyOptions(
  classCount: number,
  { labelSmoothing = 0, classWeights }: CrossEntropyOptions,
): void {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new InputError('label-smoothing', `labelSmoothing must be in [0, 1), got ${labelSmoothing}`);
  }
  if (classWeights === undefined) return;
  if (classWeights.length !== classCount) {
    throw new InputError(
      'class-weights',
      `classWeights needs ${classCount} numbers, one per class, got ${classWeights.length}`,
    );
  }
  const bad = classWeights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad >= 0)
    throw new InputError(
      'class-weights',
      `classWeights[${bad}] must be finite and not negative, got ${classWeights[bad]}`,
    );
}

function tables(
  classCount: number,
  { labelSmoothing = 0, classWeights }: CrossEntropyOptions,
): {
  /** Target distribution by label, row after row: [K x K]. */
  readonly targets: Float32Array;
  readonly scales: Float32Array;
  readonly weights: Float32Array;
} {
  const weights = classWeights ?? new Array<number>(classCount).fill(1);
  const spread = labelSmoothing / classCount;
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  const targets = new Float32Array(classCount * classCount);
  const scales = new Float32Array(classCount);
  weights.forEach((weight, label) => {
    const scale = (1 - labelSmoothing) * weight + spread * totalWeight;
    scales[label] = scale;
    weights.forEach((other, c) => {
      const share = spread * other + (c === label ? (1 - labelSmoothing) * weight : 0);
      targets[label * classCount + c] = scale === 0 ? 0 : share / scale;
    });
  });
  return { targets, scales, weights: Float32Array.from(weights) };
}

/** -sum_c targets log softmax(logits), [B]. */
function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const operation = tf.customGrad((...args) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const [losses, gradient] = executeOps(
      'SoftmaxCrossEntropyWithLogits',
      [typeAttribute('T', 'float32')],
      [input, targets],
      2,
    );
    save([gradient as tf.Tensor]);
    return {
      value: losses as tf.Tensor,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0] as tf.Tensor),
    };
  });
  return operation(logits) as tf.Tensor1D;
}

/** Rows of `table` by `indices`; `tf.gather` would read the indices back to check them. */
function pickRows(table: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const axis = tf.scalar(0, 'int32');
  const attributes = [
    intAttribute('batch_dims', 0),
    typeAttribute('Tparams', 'float32'),
    typeAttribute('Tindices', 'int32'),
    typeAttribute('Taxis', 'int32'),
  ];
  return executeOp('GatherV2', attributes, [table, indices, axis]);
}
