/** Our engine as a contender: the same data, batch, optimizer and models as `rival.py`, and the same lines of JSON. */
import { createInterface } from 'node:readline';
import { createEngine, createModel, loadTensorFlow, usefulThreads } from '@kinetune/models';
import { findFamily } from '@kinetune/models/catalogue';
import { createRng } from '@kinetune/study';
import type { Size } from './sizes.ts';

interface Specification {
  readonly size: Size;
  readonly threads: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly xla?: boolean;
  readonly oneDnn?: boolean;
}

const ROWS = 2048;
const CLASSES = 6;

const { size, threads, batchSize, seed, xla, oneDnn } = JSON.parse(process.argv[2] as string) as Specification;
const { windowLength, channelCount } = size;
const shape = { windowLength, channelCount, classCount: CLASSES };
const operations = findFamily(size.family).floatingPointOperationsPerWindow(size.values, shape);
const tensorFlow = loadTensorFlow({
  intraOpThreads: usefulThreads(3 * batchSize * operations, threads),
  interOpThreads: 1,
  ...(xla === undefined ? {} : { useXla: xla }),
  ...(oneDnn === undefined ? {} : { useOneDnn: oneDnn }),
});
const model = createModel(size.family, size.values, shape);
const rng = createRng(seed, 'benchmark');
await using engine = await createEngine({
  model,
  optimizer: { type: 'adam' },
  data: {
    train: {
      x: Float32Array.from({ length: ROWS * windowLength * channelCount }, () => rng.normal()),
      y: Int32Array.from({ length: ROWS }, () => rng.integer(CLASSES)),
    },
  },
  batchSize,
  seed,
});
const weights = model.weights.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);

for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { readonly steps: number };
  const order = Int32Array.from({ length: steps * batchSize }, () => rng.integer(ROWS));
  const start = performance.now();
  const { loss } = await engine.trainEpoch({ order, learningRates: new Float64Array(steps).fill(1e-3) });
  const msPerStep = (performance.now() - start) / steps;
  console.log(JSON.stringify({ msPerStep, loss, weights, version: tensorFlow.version['tfjs-node'] }));
}
