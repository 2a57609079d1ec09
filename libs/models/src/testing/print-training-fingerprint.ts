/**
 * Trains a small transformer and prints a hash of every loss and weight: two processes that print the same trained the
 * same to the last bit.   node print-training-fingerprint.ts <intraOpThreads> <interOpThreads>
 */
import { createHash } from 'node:crypto';
import { createRng } from '@kinetune/study';
import { createModel } from '../create-model.ts';
import { createEngine } from '../engine/index.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';

const [intraOpThreads, interOpThreads] = process.argv.slice(2).map(Number) as [number, number];
loadTensorFlow({ intraOpThreads, interOpThreads });

const shape = { windowLength: 64, channelCount: 6, classCount: 5 };
const batchSize = 64;
const rowCount = 150;
const rng = createRng('fingerprint');
const x = Float32Array.from({ length: rowCount * shape.windowLength * shape.channelCount }, () => rng.normal());
const y = Int32Array.from({ length: rowCount }, () => rng.integer(shape.classCount));
const values = {
  patchSize: 8,
  embeddingSize: 64,
  blockCount: 2,
  headCount: 4,
  headSize: 16,
  mlpSize: 256,
  dropout: 0.2,
};

await using engine = await createEngine({
  model: createModel('vit1d', values, shape),
  optimizer: { type: 'adamw' },
  data: { train: { x, y } },
  batchSize,
  seed: 3,
  clipNorm: 1,
});
const hash = createHash('sha256');
for (let epoch = 0; epoch < 5; epoch++) {
  const order = Int32Array.from({ length: rowCount }, () => rng.integer(rowCount));
  const { loss, gradientNorm } = await engine.trainEpoch({ order, learningRates: [1e-3, 1e-3, 1e-3] });
  hash.update(JSON.stringify([loss, gradientNorm]));
}
const { weights, optimizer } = engine.exportState();
for (const { values: array } of [...weights.values(), ...optimizer.values()]) {
  hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}
console.log(hash.digest('hex'));
