/**
 * The engine's cost a step where there is nothing to compute: one dense layer 8 to 8, batch 1, Adam. Prints milliseconds a
 * step, the quartiles over blocks of 1,000 steps.   node measure-overhead.ts
 */
import * as tf from '@tensorflow/tfjs-core';
import { createEngine } from './engine.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';

loadTensorFlow({ intraOpThreads: 1, interOpThreads: 1 });
const uniform = { type: 'uniform', minimum: -0.35, maximum: 0.35 } as const;
const rowCount = 64;

await using engine = await createEngine({
  model: {
    inputShape: [8],
    weights: [
      { name: 'kernel', shape: [8, 8], initialiser: uniform, decays: true },
      { name: 'bias', shape: [8], initialiser: uniform, decays: false },
    ],
    forward: (x, weights) => tf.add(tf.matMul(x as tf.Tensor2D, weights('kernel') as tf.Tensor2D), weights('bias')),
  },
  optimizer: { type: 'adam' },
  data: {
    train: {
      x: Float32Array.from({ length: rowCount * 8 }, (_, i) => Math.sin(i)),
      y: Int32Array.from({ length: rowCount }, (_, i) => i % 8),
    },
  },
  batchSize: 1,
  seed: 1,
});

const blockSteps = 1000;
const epoch = {
  order: Int32Array.from({ length: blockSteps }, (_, i) => i % rowCount),
  learningRates: new Float64Array(blockSteps).fill(1e-3),
};
await engine.trainEpoch(epoch);
const times: number[] = [];
for (let block = 0; block < 20; block++) times.push((await engine.trainEpoch(epoch)).durationMs / blockSteps);
times.sort((a, b) => a - b);
const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] as number).toFixed(4);
console.log(`ms a step: ${at(0.25)} / ${at(0.5)} / ${at(0.75)} (lower quartile, median, upper quartile)`);
