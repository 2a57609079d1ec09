/** The order of an epoch's training examples: a function of (seed, epoch), so a resumed trial sees the same. */
import { createRng, permutation } from '@kinetune/study';

/** 0 ... count-1 in the order of epoch `epoch` (0-based); every example once. */
export function epochOrder(
  count: number,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Int32Array {
  return permutation(count, createRng(seed, 'epoch order', epoch));
}
