import { expect, it } from 'vitest';
import { InputError } from '@kinetune/study';
import { assertTrialData } from './assert-trial-data.ts';
import { exampleData } from './testing/example-trial.ts';
import type { TrialData } from './trial-data.ts';

const { train, validation, input } = exampleData;

it('takes data whose parts belong together', () => {
  expect(() => assertTrialData(exampleData)).not.toThrow();
});

it.each<[string, Partial<TrialData>, string]>([
  [
    'a window without samples',
    { train: { ...train, samples: train.samples.slice(1) } },
    'train has 3359 samples; its 70 labels need 70 windows of 16 x 3, 3360',
  ],
  [
    'a window without a label',
    { validation: { ...validation, labels: validation.labels.slice(1) } },
    'validation has 1920 samples; its 39 labels need 39 windows of 16 x 3, 1872',
  ],
  ['no window', { train: { ...train, labels: new Int32Array() } }, 'train has no windows'],
  [
    'a window without a person',
    { train: { ...train, subjects: train.subjects.slice(1) } },
    'train has 70 labels and 69 subjects; each window needs both',
  ],
  [
    'a label that is no class',
    { train: { ...train, labels: train.labels.with(4, 3) } },
    'window 4 of train has label 3; the labels are 0 to 2 (slow, medium, fast)',
  ],
  [
    'a person without a name',
    { validation: { ...validation, subjects: validation.subjects.with(2, -1) } },
    'window 2 of validation has subject -1; the subjects are 0 to 3',
  ],
  [
    'a scaler of other channels',
    { input: { ...input, scaler: { mean: [0, 0], standardDeviation: [1, 1, 1] } } },
    "the scaler's mean needs 3 finite numbers, one a channel; got 0, 0",
  ],
  [
    'a scaler that divides by 0',
    { input: { ...input, scaler: { mean: [0, 0, 0], standardDeviation: [1, 0, 1] } } },
    "the scaler's standardDeviation must be above 0; got 1, 0, 1",
  ],
])('refuses %s', (_what, changes, message) => {
  const check = () => assertTrialData({ ...exampleData, ...changes });
  expect(check).toThrow(InputError);
  expect(check).toThrow(message);
});
