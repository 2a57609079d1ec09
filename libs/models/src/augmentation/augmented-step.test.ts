import { createRng } from '@kinetune/study';
import { expect, it } from 'vitest';
import { createModel } from '../create-model.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import type { EngineOptions } from '../engine/engine-options.ts';
import { createEngine } from '../engine/engine.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { createAugmentation, type AugmentationStrengths } from './create-augmentation.ts';
import { mixup } from './mixup.ts';
import type { Signal } from './signal.ts';

loadTensorFlow();

const rowCount = 16;
const signal: Signal = {
  sensors: [[0, 1, 2], [3]],
  mean: [0.9, -0.1, 0.2, 3],
  standardDeviation: [0.5, 0.3, 0.4, 2],
};
const strengths: AugmentationStrengths = {
  permutationPieces: 3,
  timeWarp: 0.3,
  shift: 0.2,
  rotationDegrees: 30,
  scaling: 0.1,
  magnitudeWarp: 0.1,
  jitter: 0.05,
  channelDrop: 0.1,
};

function optionsWith(augment: NonNullable<EngineOptions['augment']>): EngineOptions {
  const rng = createRng('augmented step');
  const model = createModel(
    'cnn1d',
    { layers: '6x5', dropout: 0 },
    { windowLength: 20, channelCount: 4, classCount: 3 },
  );
  return {
    model: model as EngineOptions['model'],
    optimizer: { type: 'sgd' },
    data: {
      train: {
        x: Float32Array.from({ length: rowCount * 20 * 4 }, () => rng.normal()),
        y: Int32Array.from({ length: rowCount }, () => rng.integer(3)),
      },
    },
    batchSize: rowCount,
    seed: 5,
    augment,
  };
}

// A rate of 0 holds the weights still, so losses differ by the draws alone.
const epoch = { order: Int32Array.from({ length: rowCount }, (_, i) => i), learningRates: [0] };

it.each<[string, NonNullable<EngineOptions['augment']>]>([
  ...Object.entries(strengths).map(
    ([name, strength]) =>
      [name, createAugmentation({ [name]: strength }, signal)] as [string, NonNullable<EngineOptions['augment']>],
  ),
  ['all at once', createAugmentation(strengths, signal) as NonNullable<EngineOptions['augment']>],
  ['mixup', (windows, random) => mixup(0.4)(windows, random).windows],
])(
  '%s augments in the compiled step as it does op by op, and anew in each step',
  async (_, augment) => {
    const options = optionsWith(augment);
    const eager = createEagerEngine(options);
    await using engine = await createEngine(options);
    const losses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { loss } = await engine.trainEpoch(epoch);
      expect(Math.abs(loss / eager.trainEpoch(epoch).loss - 1)).toBeLessThan(1e-5);
      losses.push(loss);
    }
    expect(new Set(losses).size).toBe(3);
  },
  60_000,
);
