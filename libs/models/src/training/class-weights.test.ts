import { expect, it } from 'vitest';
import { balancedClassWeights } from './class-weights.ts';

it('weighs classes as scikit-learn does, with a mean of 1 over the examples', () => {
  // compute_class_weight('balanced', classes=[0, 1, 3], y=[0, 0, 0, 1, 3, 3]) = [0.6667, 2, 1]
  const labels = Int32Array.of(0, 0, 0, 1, 3, 3);
  const weights = balancedClassWeights(labels, 4);
  expect(weights).toEqual(Float32Array.of(2 / 3, 2, 0, 1));
  const mean = labels.reduce((sum, label) => sum + (weights[label] ?? 0), 0) / labels.length;
  expect(mean).toBeCloseTo(1, 6);
});
