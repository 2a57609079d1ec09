import { expect, it } from 'vitest';
import { bestMeasurements } from './best-measurements.ts';
import type { TrialMeasurement } from './trial-measurement.ts';

const curve = (values: readonly (number | null)[]): readonly TrialMeasurement[] =>
  values.map((validationMacroF1, i) => ({ step: i + 1, epoch: i + 1, values: { validationMacroF1 } }));
const steps = (values: readonly (number | null)[], count: number): readonly number[] =>
  bestMeasurements(curve(values), { metric: 'validationMacroF1', direction: 'maximise' }, count).map(
    ({ step }) => step,
  );

it('keeps the best epochs, best first, and the earlier of two equal ones', () => {
  expect(steps([0.5, 0.9, 0.7, 0.9, 0.8], 3)).toEqual([2, 4, 5]);
  expect(steps([0.9, 0.5, 0.9], 1)).toEqual([1]);
  expect(steps([0.1], 3)).toEqual([1]);
});

it('never keeps an epoch whose value is not finite', () => {
  expect(steps([null, 0.2, null], 2)).toEqual([2]);
  expect(steps([null], 1)).toEqual([]);
});
