/** The weights of standard layers, with PyTorch's default initialisation. */
import type { Initialiser, WeightSpec } from '../model.ts';

/**
 * `kernel` [I, O] and `bias` [O] of a dense layer. PyTorch's `nn.Linear`: kaiming_uniform with a = √5, which is
 * U(-1/√I, 1/√I), for both.
 */
export function denseWeights(
  name: string,
  inputSize: number,
  outputSize: number,
  { bias = true }: { readonly bias?: boolean } = {},
): WeightSpec[] {
  return kernelAndBias(name, [inputSize, outputSize], bias);
}

/** `kernel` [k, I, O] and `bias` [O] of a convolution. PyTorch's `nn.Conv1d`: U(-1/√(k I), 1/√(k I)) for both. */
export function conv1dWeights(name: string, kernelSize: number, inputSize: number, outputSize: number): WeightSpec[] {
  return kernelAndBias(name, [kernelSize, inputSize, outputSize], true);
}

/** `gamma` [D] of ones and `beta` [D] of zeros. */
export function layerNormWeights(name: string, size: number): WeightSpec[] {
  return [
    { name: `${name}.gamma`, shape: [size], initialiser: { type: 'ones' }, decays: false },
    { name: `${name}.beta`, shape: [size], initialiser: { type: 'zeros' }, decays: false },
  ];
}

/** A learned embedding drawn from the standard normal, as `torch.randn`. */
export function embeddingWeight(name: string, shape: readonly number[]): WeightSpec {
  return { name, shape, initialiser: { type: 'normal', mean: 0, standardDeviation: 1 }, decays: true };
}

function kernelAndBias(name: string, shape: readonly number[], hasBias: boolean): WeightSpec[] {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size);
  const bound = 1 / Math.sqrt(fanIn);
  const initialiser: Initialiser = { type: 'uniform', minimum: -bound, maximum: bound };
  const kernel: WeightSpec = { name: `${name}.kernel`, shape, initialiser, decays: true };
  if (!hasBias) return [kernel];
  return [kernel, { name: `${name}.bias`, shape: [shape.at(-1) as number], initialiser, decays: false }];
}
