import { expect, it } from 'vitest';
import { learningRateSchedule } from './learning-rate-schedule.ts';

const base = {
  schedule: 'cosine',
  learningRate: 0.01,
  finalLearningRate: 0,
  warmupEpochs: 1,
  epochs: 10,
  cosineHalfPeriodEpochs: 5,
};

it('counts in steps', () => {
  expect(learningRateSchedule({ ...base, warmupEpochs: 0.5 }, 21)).toEqual({
    kind: 'cosine',
    peak: 0.01,
    final: 0,
    warmupSteps: 11,
    totalSteps: 210,
  });
  expect(learningRateSchedule({ ...base, schedule: 'cosine-periodic' }, 21).halfPeriodSteps).toBe(105);
  expect(learningRateSchedule({ ...base, warmupEpochs: 0 }, 21).warmupSteps).toBe(0);
  expect(learningRateSchedule({ ...base, warmupEpochs: 0.001 }, 21).warmupSteps).toBe(1);
});

it('refuses a schedule that cannot be', () => {
  expect(() => learningRateSchedule({ ...base, warmupEpochs: 11 }, 21)).toThrow(/warmupEpochs is 11 of 10 epochs/);
  expect(learningRateSchedule({ ...base, epochs: 1 }, 21).warmupSteps).toBe(21);
  expect(() => learningRateSchedule({ ...base, finalLearningRate: 0.1 }, 21)).toThrow(/0.1 is above learningRate 0.01/);
  expect(learningRateSchedule({ ...base, schedule: 'constant', finalLearningRate: 0.1 }, 21).kind).toBe('constant');
});
