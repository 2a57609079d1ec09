import { createRng, permutation } from '@kinetune/study';

/** The same labels on other examples: what a model then learns does not generalise, and a score above chance is a leak. */
export function shuffleLabels(labels: Int32Array, seed: number): Int32Array {
  return permutation(labels.length, createRng(seed, 'shuffle labels')).map((from) => labels[from] as number);
}
