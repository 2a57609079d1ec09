import { expect, it } from 'vitest';
import { conv1dWeights, denseWeights, embeddingWeight, layerNormWeights } from './weight-specs.ts';

// PyTorch: torch.nn.Linear and Conv1d call kaiming_uniform_(weight, a=sqrt(5)), whose bound sqrt(6 / ((1 + 5) fan_in)) is
// 1 / sqrt(fan_in), and draw the bias from the same interval.

it("starts a dense layer as PyTorch's Linear", () => {
  const bound = 1 / Math.sqrt(16);
  const initialiser = { type: 'uniform', minimum: -bound, maximum: bound };
  expect(denseWeights('a', 16, 3)).toEqual([
    { name: 'a.kernel', shape: [16, 3], initialiser, decays: true },
    { name: 'a.bias', shape: [3], initialiser, decays: false },
  ]);
  expect(denseWeights('a', 16, 3, { bias: false }).map(({ name }) => name)).toEqual(['a.kernel']);
});

it("starts a convolution as PyTorch's Conv1d, whose fan-in counts the kernel", () => {
  const [kernel, bias] = conv1dWeights('c', 5, 5, 7);
  const initialiser = { type: 'uniform', minimum: -0.2, maximum: 0.2 };
  expect(kernel).toEqual({ name: 'c.kernel', shape: [5, 5, 7], initialiser, decays: true });
  expect(bias).toEqual({ name: 'c.bias', shape: [7], initialiser, decays: false });
});

it('starts normalisation as the identity and embeddings from the standard normal', () => {
  expect(layerNormWeights('n', 4).map(({ initialiser, decays }) => [initialiser.type, decays])).toEqual([
    ['ones', false],
    ['zeros', false],
  ]);
  expect(embeddingWeight('e', [3, 4])).toEqual({
    name: 'e',
    shape: [3, 4],
    initialiser: { type: 'normal', mean: 0, standardDeviation: 1 },
    decays: true,
  });
});
