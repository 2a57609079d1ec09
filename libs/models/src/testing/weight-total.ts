import type { Model } from '../model.ts';

/** How many trainable numbers a built model declares. */
export function weightTotal(model: Model): number {
  return model.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
