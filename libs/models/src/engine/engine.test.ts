import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { handleCount } from '../testing/describe-engine.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEngine } from './engine.ts';
import { tensorFlowBackend } from './tensorflow-backend.ts';
import type { NamedArray, TrainingState } from './training-state.ts';
import type { Trainable } from './training-step.ts';

loadTensorFlow();

const rowCount = 50;
const size = 6;
const classCount = 3;
const data = drawData();

describe('randomness of a step', () => {
  const stepLosses = async (options: Partial<EngineOptions>, steps = 6): Promise<number[]> => {
    await using engine = await createEngine(toyOptions(options));
    // The same rows each time and a learning rate of 0: only what is drawn can change the loss.
    const order = Int32Array.from({ length: steps * 8 }, (_, i) => i % 8);
    const { lossSpread } = await engine.trainEpoch({ order, learningRates: new Float64Array(steps) });
    return lossSpread.map(({ mean }) => mean);
  };

  it('has no part in a model that draws nothing', async () => {
    expect(new Set(await stepLosses({})).size).toBe(1);
  });

  it('drops other units at every step, and the same ones for the same seed', async () => {
    const model = toyModel({ dropout: 0.5 });
    const losses = await stepLosses({ model });
    expect(new Set(losses).size).toBe(losses.length);
    expect(await stepLosses({ model })).toEqual(losses);
    expect(await stepLosses({ model, seed: 2 })).not.toEqual(losses);
  });

  it('drops other units at every place of the forward pass', async () => {
    // With one mask for both places, the second would drop nothing that the first had left.
    const kept = async (places: number): Promise<number> => {
      const losses = await stepLosses({ model: dropoutProbe(places), loss: meanOfOutputs }, 16);
      return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    };
    // Units of 1 that survive are scaled by 2 a place: the mean stays 1, the share that survives does not.
    expect(await kept(1)).toBeCloseTo(0.5, 1);
    expect(await kept(2)).toBeCloseTo(0.25, 1);
  });

  it('augments training windows anew at every step, and evaluation not at all', async () => {
    const augment: EngineOptions['augment'] = (windows, random) => tf.add(windows, random.normal(windows.shape));
    const losses = await stepLosses({ augment });
    expect(new Set(losses).size).toBe(losses.length);
    await using plain = await createEngine(toyOptions({}));
    await using augmented = await createEngine(toyOptions({ augment }));
    expect((await augmented.evaluate('train')).loss).toBe((await plain.evaluate('train')).loss);
  });
});

describe('batches', () => {
  it('weigh by their rows in the loss of an epoch, the last one partial', async () => {
    await using engine = await createEngine(toyOptions({ loss: { classWeights: [1, 3, 0.5] } }));
    const epoch = await engine.trainEpoch({ order: naturalOrder(rowCount), learningRates: new Float64Array(7) });
    const evaluation = await engine.evaluate('train');
    expect(epoch.stepCount).toBe(7);
    expect(epoch.loss).toBeCloseTo(evaluation.loss, 6);
    expect(epoch.accuracy).toBe(evaluation.accuracy);
  });

  it('of a new size are learnt on the way, weights and optimizer kept', async () => {
    await using engine = await createEngine(toyOptions({}));
    await using twin = await createEngine(toyOptions({}));
    await engine.trainEpoch({ order: naturalOrder(5), learningRates: [0.01] });
    await twin.trainEpoch({ order: naturalOrder(5), learningRates: [0.01] });
    // The twin has met no batch of three rows; its graph is rebuilt between two steps.
    await engine.trainEpoch({ order: naturalOrder(3), learningRates: [0] });
    await engine.trainEpoch({ order: naturalOrder(8), learningRates: [0.01] });
    expect(engine.step).toBe(3);
    const first = engine.exportState();
    await twin.trainEpoch({ order: naturalOrder(8), learningRates: [0.01] });
    expect(twin.exportState().weights).not.toEqual(first.weights);
  });
});

describe('evaluation', () => {
  it('counts every row of its split once, in order', async () => {
    await using engine = await createEngine(toyOptions({ evaluationBatchSize: 7 }));
    const all = await engine.evaluate('train', { outputs: true });
    const weights = engine.exportState().weights;
    const expected = tf.tidy(() =>
      tf
        .matMul(
          tf.tensor2d(data.train.x, [rowCount, size]),
          tf.tensor2d(weights.get('kernel')?.values ?? [], [size, classCount]),
        )
        .dataSync(),
    );
    expect(all.outputs).toHaveLength(rowCount * classCount);
    all.outputs?.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
    expect(all.confusion?.flat().reduce((sum, count) => sum + count, 0)).toBe(rowCount);
    const perClass = all.confusion?.map((row) => row.reduce((sum, count) => sum + count, 0));
    expect(perClass).toEqual([0, 1, 2].map((label) => data.train.y.filter((y) => y === label).length));
    const right = all.confusion?.reduce((sum, row, i) => sum + (row[i] as number), 0) as number;
    expect(all.accuracy).toBe(right / rowCount);
    expect((await engine.evaluate('validation')).rowCount).toBe(data.validation.y.length);
  });

  it('of averaged weights lags behind that of the current ones', async () => {
    await using engine = await createEngine(toyOptions({ averageDecay: 0.9 }));
    await engine.trainEpoch({ order: naturalOrder(rowCount), learningRates: new Float64Array(7).fill(0.1) });
    const current = await engine.evaluate('train');
    const averaged = await engine.evaluate('train', { averaged: true });
    expect(averaged.loss).toBeGreaterThan(current.loss);
    await using plain = await createEngine(toyOptions({}));
    await expect(plain.evaluate('train', { averaged: true })).rejects.toThrow('give averageDecay to createEngine');
  });
});

describe('an epoch', () => {
  it('ends where the loss is no longer finite, and says so', async () => {
    await using engine = await createEngine(
      toyOptions({
        optimizer: { type: 'sgd' },
        loss: (outputs) => ({ losses: tf.sum(tf.square(outputs), 1) as tf.Tensor1D }),
      }),
    );
    const result = await engine.trainEpoch({
      order: naturalOrder(rowCount),
      learningRates: new Float64Array(7).fill(1e38),
    });
    expect(result.end).toBe('not-finite');
    expect(result.nonFiniteStepCount).toBeGreaterThan(0);
    expect(result.loss).not.toSatisfy(Number.isFinite);
  });

  it('lets the event loop turn, reports progress and stops on request', async () => {
    await using engine = await createEngine(toyOptions({}));
    const steps = 100_000;
    const controller = new AbortController();
    const progress: number[] = [];
    const epoch = engine.trainEpoch({
      order: Int32Array.from({ length: steps * 8 }, (_, i) => i % rowCount),
      learningRates: new Float64Array(steps),
      signal: controller.signal,
      onProgress: ({ stepCount, loss }) => {
        expect(loss).toSatisfy(Number.isFinite);
        progress.push(stepCount);
      },
    });
    setTimeout(() => controller.abort(), 1);
    const result = await epoch;
    expect(result.end).toBe('aborted');
    expect(result.stepCount).toBeLessThan(steps);
    expect(result.stepCount).toBe(progress.at(-1));
    expect(engine.step).toBe(result.stepCount);
  });

  it('keeps tensors and handles flat over thousands of steps', async () => {
    await using engine = await createEngine(toyOptions({}));
    const epoch = () =>
      engine.trainEpoch({
        order: Int32Array.from({ length: 16_000 }, (_, i) => i % rowCount),
        learningRates: new Float64Array(2000),
      });
    await epoch();
    const before = [tf.memory().numTensors, handleCount()];
    await epoch();
    expect([tf.memory().numTensors, handleCount()]).toEqual(before);
  });
});

describe('the arrays given and taken', () => {
  it('may be changed without the engine noticing', async () => {
    const own = { train: { x: data.train.x.slice(), y: data.train.y.slice() } };
    await using engine = await createEngine(toyOptions({ data: own }));
    const before = await engine.evaluate('train');
    const state = engine.exportState();
    engine.importState(state);
    for (const { values } of state.weights.values()) values.fill(100);
    own.train.x.fill(5);
    own.train.y.fill(0);
    expect(await engine.evaluate('train')).toEqual(before);
  });

  it('are not changed by training', async () => {
    await using engine = await createEngine(toyOptions({}));
    const state = engine.exportState();
    const copies = [...state.weights.values(), ...state.optimizer.values()].map(({ values }) => values.slice());
    engine.importState(state);
    await engine.trainEpoch({ order: naturalOrder(rowCount), learningRates: new Float64Array(7).fill(0.1) });
    expect([...state.weights.values(), ...state.optimizer.values()].map(({ values }) => values)).toEqual(copies);
  });
});

describe('the engine refuses', () => {
  it.each<[string, Partial<EngineOptions>, string]>([
    ['a batch size of 0', { batchSize: 0 }, 'batchSize must be a positive integer, got 0'],
    [
      'a label that is no class',
      { data: { train: { ...data.train, y: data.train.y.map((y) => y + 1) } } },
      "of 'train' is not a class; the model has 3, 0 to 2",
    ],
    [
      'a NaN in a row',
      { data: { train: { ...data.train, x: data.train.x.with(13, NaN) } } },
      "x of 'train' holds NaN in row 2",
    ],
    [
      'rows of another length',
      { data: { train: { ...data.train, x: data.train.x.slice(1) } } },
      "x of 'train' has 299 numbers",
    ],
    [
      'data without training rows',
      { data: { validation: data.validation } },
      "data needs a split named 'train', got validation",
    ],
    ['a seed that is no whole number', { seed: NaN }, 'seed must be a whole number, got NaN'],
    ['class weights of another count', { loss: { classWeights: [1, 2] } }, 'classWeights needs 3 numbers'],
    [
      'a model that leaves a weight unused',
      { model: { ...toyModel(), weights: [...toyModel().weights, { ...kernel(), name: 'idle' }] } },
      "does not depend on the weight 'idle'",
    ],
    [
      'a model that reads a weight it does not declare',
      { model: { ...toyModel(), weights: [{ ...kernel(), name: 'other' }] } },
      "read the weight 'kernel', which it does not declare",
    ],
    [
      'a model that reads a value back',
      {
        model: {
          ...toyModel(),
          forward: (x, w) => tf.mul(tf.matMul(x as tf.Tensor2D, w('kernel') as tf.Tensor2D), x.dataSync()[0] as number),
        },
      },
      'read the value of a tensor that changes from step to step',
    ],
  ])('%s', async (_what, options, message) => {
    const before = [tf.memory().numTensors, handleCount()];
    await expect(createEngine(toyOptions(options))).rejects.toThrow(message);
    expect([tf.memory().numTensors, handleCount()]).toEqual(before);
  });

  it('epochs that do not fit the data', async () => {
    await using engine = await createEngine(toyOptions({}));
    const epoch = (order: number[], learningRates: number[]) =>
      engine.trainEpoch({ order: Int32Array.from(order), learningRates });
    await expect(epoch([], [])).rejects.toThrow('needs at least one row');
    await expect(epoch([0, 50], [0.1])).rejects.toThrow('order[1] is 50; the training split has rows 0 to 49');
    await expect(epoch([0], [0.1, 0.1])).rejects.toThrow('1 rows in batches of 8 are 1 steps; got 2 learning rates');
    await expect(epoch([0], [NaN])).rejects.toThrow(
      'The learning rate of step 0 must be finite and not negative, got NaN',
    );
    const order = [0, 1] as unknown as Int32Array;
    await expect(engine.trainEpoch({ order, learningRates: [0.1] })).rejects.toThrow(
      'The order of an epoch must be an Int32Array, got Array',
    );
    await expect(engine.evaluate('test')).rejects.toThrow("There is no split 'test'; the data has train, validation");
  });

  it('a second epoch, or another state, while one is being trained', async () => {
    await using engine = await createEngine(toyOptions({}));
    const state = engine.exportState();
    const epoch = { order: Int32Array.of(0, 1), learningRates: [0.1] };
    const first = engine.trainEpoch(epoch);
    expect(() => engine.importState(state)).toThrow('An epoch is being trained; wait for its result');
    await expect(engine.trainEpoch(epoch)).rejects.toThrow('An epoch is being trained; wait for its result');
    expect((await first).stepCount).toBe(1);
    expect((await engine.trainEpoch(epoch)).stepCount).toBe(1);
    expect(engine.step).toBe(2);
  });

  it("another model's state, changing nothing", async () => {
    await using engine = await createEngine(toyOptions({}));
    const state = engine.exportState();
    const other = new Map([['kernel', { shape: [1], values: new Float32Array(1) }]]);
    expect(() => engine.importState({ ...state, weights: other })).toThrow(
      "weights 'kernel' needs shape [6, 3] and 18 values, got shape [1] and 1 values",
    );
    const transposed = new Map([['kernel', { ...kernelOf(state), shape: [3, 6] }]]);
    expect(() => engine.importState({ ...state, weights: transposed })).toThrow(
      "weights 'kernel' needs shape [6, 3] and 18 values, got shape [3, 6] and 18 values",
    );
    expect(() => engine.importState({ ...state, step: -1 })).toThrow('a whole number of steps from 0 on, got -1');
    expect(() => engine.importState({ ...state, step: 0.5 })).toThrow('a whole number of steps from 0 on, got 0.5');
    expect(() => engine.importState({ ...state, optimizer: new Map() })).toThrow(
      "optimizer 'mean/kernel' is missing from the state",
    );
    expect(() => engine.importState({ ...state, average: state.weights })).toThrow(
      "average 'kernel' is not part of this model and optimizer",
    );
    expect(engine.exportState()).toEqual(state);
  });

  it('work after it is closed', async () => {
    const { binding } = tensorFlowBackend();
    const before = binding.getNumOfSavedModels();
    const engine = await createEngine(toyOptions({}));
    engine.close();
    engine.close();
    expect(binding.getNumOfSavedModels()).toBe(before);
    expect(() => engine.exportState()).toThrow('The engine is closed');
    await expect(engine.evaluate('train')).rejects.toThrow('The engine is closed');
  });
});

function toyOptions(options: Partial<EngineOptions>): EngineOptions {
  return { model: toyModel(), optimizer: { type: 'adam' }, data, batchSize: 8, seed: 1, ...options };
}

function kernel(): Trainable['weights'][number] {
  return {
    name: 'kernel',
    shape: [size, classCount],
    initialiser: { type: 'normal', mean: 0, standardDeviation: 0.5 },
    decays: true,
  };
}

function kernelOf(state: TrainingState): NamedArray {
  return state.weights.get('kernel') as NamedArray;
}

function toyModel({ dropout = 0 } = {}): Trainable {
  return {
    inputShape: [size],
    weights: [kernel()],
    forward: (x, weights, context) =>
      tf.matMul(context.dropout(x as tf.Tensor2D, dropout), weights('kernel') as tf.Tensor2D),
  };
}

/** Share of units that survive `places` dropouts at rate 0.5, as the outputs' mean (the weight is 0 and adds nothing). */
function dropoutProbe(places: number): Trainable {
  return {
    inputShape: [size],
    weights: [{ name: 'zero', shape: [1], initialiser: { type: 'zeros' }, decays: false }],
    forward(x, weights, context) {
      let units = tf.onesLike(x);
      for (let i = 0; i < places; i++) units = context.dropout(units, 0.5);
      return tf.add(tf.mul(units, 0.5 ** places), weights('zero'));
    },
  };
}

function meanOfOutputs(outputs: tf.Tensor): { losses: tf.Tensor1D } {
  return { losses: tf.mean(outputs, 1) as tf.Tensor1D };
}

function naturalOrder(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}

function drawData() {
  const rng = createRng('engine.test');
  const split = (rows: number) => ({
    x: Float32Array.from({ length: rows * size }, () => rng.normal()),
    y: Int32Array.from({ length: rows }, () => rng.integer(classCount)),
  });
  return { train: split(rowCount), validation: split(11) };
}
