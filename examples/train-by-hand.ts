/**
 * The engine by itself: a model and a loss become one graph, without a study or a database.
 *   node examples/train-by-hand.ts
 * Tells three gaits apart by their step frequency, in synthetic sines of one axis with noise.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createEngine, loadTensorFlow } from '@kinetune/models';
import { createRng, permutation } from '@kinetune/study';

loadTensorFlow();
const rng = createRng('gaits');
const gaitsHz = [1.4, 2, 2.8];
const sine = (gait: number) => {
  const phase = rng.next();
  return (_: unknown, i: number) => Math.sin(2 * Math.PI * (gaitsHz[gait]! * (i / 25) + phase)) + rng.normal();
};
const draw = (rowCount: number) => {
  const y = Int32Array.from({ length: rowCount }, () => rng.integer(3));
  return { y, x: Float32Array.from([...y].flatMap((gait) => Array.from({ length: 64 }, sine(gait)))) };
};

// 1. A model: its weights, and a forward pass in tfjs ops.
const uniform = { type: 'uniform', minimum: -0.125, maximum: 0.125 } as const;
const model = {
  inputShape: [64],
  weights: [
    { name: 'hidden', shape: [64, 64], initialiser: uniform, decays: true },
    { name: 'output', shape: [64, 3], initialiser: uniform, decays: true },
  ],
  forward: (x: tf.Tensor, weights: (name: string) => tf.Tensor) =>
    tf.matMul(tf.relu(tf.matMul(x as tf.Tensor2D, weights('hidden') as tf.Tensor2D)), weights('output') as tf.Tensor2D),
};

// 2. An engine: the step is recorded, compiled and loaded here.
await using engine = await createEngine({
  model,
  optimizer: { type: 'adamw', weightDecay: 0.01 },
  loss: { labelSmoothing: 0.05 }, // options of cross-entropy, or any function of outputs and targets
  data: { train: draw(1000), validation: draw(300) },
  batchSize: 64,
  seed: 1,
});

// 3. Epochs: the order of rows and a learning rate for every step are yours.
const stepCount = Math.ceil(1000 / 64);
for (let epoch = 1; epoch <= 10; epoch++) {
  const learningRates = new Float64Array(stepCount).fill(3e-3);
  const train = await engine.trainEpoch({ order: permutation(1000, rng), learningRates });
  const { loss, accuracy } = await engine.evaluate('validation');
  const percent = (100 * accuracy!).toFixed(1);
  console.log(
    `epoch ${epoch}: train loss ${train.loss.toFixed(3)}, validation loss ${loss.toFixed(3)}, accuracy ${percent} %`,
  );
}
