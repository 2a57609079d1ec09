import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { decodeTensor, relativeError, toTensor, type EncodedTensor } from '../testing/model-fixture.ts';
import { attentionWeights, mergeHeads, splitHeads } from './attention.ts';
import { prependClassToken, takeClassToken } from './class-token.ts';
import { conv1d } from './conv1d.ts';
import { dense } from './dense.ts';
import { gelu } from './gelu.ts';
import { layerNorm } from './layer-norm.ts';
import { poolTime } from './pool-time.ts';
import { relu } from './relu.ts';

loadTensorFlow();

interface Case {
  readonly name: string;
  readonly op: string;
  readonly options: Readonly<Record<string, never>>;
  readonly inputs: readonly EncodedTensor[];
  readonly output: EncodedTensor;
  readonly upstream: EncodedTensor;
  readonly gradients: readonly EncodedTensor[];
}

const cases = JSON.parse(readFileSync(new URL('../../fixtures/ops/ops.json', import.meta.url), 'utf8')) as Case[];

type Op = (inputs: readonly never[], options: Case['options']) => tf.Tensor;

const ops: Readonly<Record<string, Op>> = {
  dense: ([x, kernel, bias]) => dense(x as never, kernel as never, bias),
  gelu: ([x]) => gelu(x as never),
  relu: ([x]) => relu(x as never),
  'layer-norm': ([x, gamma, beta]) => layerNorm(x as never, gamma as never, beta as never),
  'attention-weights': ([q, k]) => attentionWeights(q as never, k as never),
  conv1d: ([x, kernel, bias], { padding, activation }) =>
    conv1d(x as never, kernel as never, {
      bias: bias as never,
      padding: padding as never,
      activation: activation as never,
    }),
  'pool-time': ([x], { pooling }) => poolTime(x as never, pooling as never),
  'prepend-class-token': ([x, token, positions]) => prependClassToken(x as never, token as never, positions as never),
  'take-class-token': ([x], { batchSize }) => takeClassToken(x as never, batchSize as never),
  'split-heads': ([x], { part, ...shape }) => splitHeads(x as never, shape as never)[part as never] as tf.Tensor,
  'merge-heads': ([x]) => mergeHeads(x as never),
};

describe.each(cases)('$name', ({ op, options, inputs, output, upstream, gradients }) => {
  const apply = (tensors: readonly tf.Tensor[]) => (ops[op] as Op)(tensors as never, options);

  it("gives PyTorch's output", () => {
    tf.tidy(() => {
      const actual = apply(inputs.map((input) => toTensor(decodeTensor(input))));
      expect(actual.shape).toEqual(output.shape);
      expect(relativeError(actual.dataSync(), decodeTensor(output).values)).toBeLessThan(1e-5);
    });
  });

  it("gives PyTorch's gradients and leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const tensors = inputs.map((input) => toTensor(decodeTensor(input)));
      const actual = tf.grads((...args: tf.Tensor[]) => apply(args))(tensors, toTensor(decodeTensor(upstream)));
      const errors = gradients.map((gradient, i) => {
        expect((actual[i] as tf.Tensor).shape).toEqual(gradient.shape);
        return relativeError((actual[i] as tf.Tensor).dataSync(), decodeTensor(gradient).values);
      });
      expect(Math.max(...errors)).toBeLessThan(1e-4);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
