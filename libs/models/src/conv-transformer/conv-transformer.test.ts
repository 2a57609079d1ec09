import { expect, it } from 'vitest';
import { createModel } from '../create-model.ts';
import { describeModel } from '../testing/describe-model.ts';
import { weightTotal } from '../testing/weight-total.ts';

describeModel('conv-transformer');

const shape = { windowLength: 80, channelCount: 3, classCount: 6 };

it("has the original study's 6,411,262 weights at its best configuration", () => {
  const values = { embeddingSize: 1024, convolutionChannels: 8, blockCount: 3, headCount: 6, mlpSize: 256 };
  expect(weightTotal(createModel('conv-transformer', values, shape))).toBe(6_411_262);
});

it("has the 1,857,426 weights of the configuration that the original study's search found", () => {
  // har.md gives embedding size, channels, blocks and heads; the mlp size follows from the total.
  const values = { embeddingSize: 128, convolutionChannels: 15, blockCount: 8, headCount: 5, mlpSize: 256 };
  expect(weightTotal(createModel('conv-transformer', values, shape))).toBe(1_857_426);
});
