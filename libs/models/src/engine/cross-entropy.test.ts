import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { relativeError } from '../testing/model-fixture.ts';
import { assertCrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
import fixture from './fixtures/cross-entropy.json' with { type: 'json' };

loadTensorFlow();

describe('cross-entropy', () => {
  it.each(fixture.cases)("has PyTorch's loss and gradient with $options", ({ options, loss, gradient }) => {
    tf.tidy(() => {
      const { labels, logits, classCount } = fixture;
      const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => {
        const rows = crossEntropy(z as tf.Tensor2D, tf.tensor1d(labels, 'int32'), options);
        return tf.div(
          tf.sum(rows.losses),
          rows.weights === undefined ? labels.length : tf.sum(rows.weights),
        ) as tf.Scalar;
      })(tf.tensor2d(logits, [labels.length, classCount]));
      expect(relativeError([value.dataSync()[0] as number], [loss])).toBeLessThan(1e-6);
      expect(relativeError(grad.dataSync(), gradient)).toBeLessThan(1e-6);
    });
  });

  it('refuses options that do not fit the classes', () => {
    expect(() => assertCrossEntropyOptions(3, { labelSmoothing: 1 })).toThrow(
      'labelSmoothing must be in [0, 1), got 1',
    );
    expect(() => assertCrossEntropyOptions(3, { classWeights: [1, 2] })).toThrow('classWeights needs 3 numbers');
    expect(() => assertCrossEntropyOptions(2, { classWeights: [1, -2] })).toThrow(
      'classWeights[1] must be finite and not negative, got -2',
    );
  });
});
