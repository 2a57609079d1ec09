/** What training must keep for every model: the contract suite that runs over all of them. */
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEagerEngine } from '../engine/eager-engine.ts';
import type { EngineOptions } from '../engine/engine-options.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { EpochOptions } from '../engine/epoch-tables.ts';
import type { TrainingState } from '../engine/training-state.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { relativeError } from './model-fixture.ts';

/** Rounding of float32 through a few steps: the graph fuses and reorders sums. */
const weightTolerance = 2e-4;
const lossTolerance = 2e-5;

const rowCount = 22;
/** Two full batches and a partial one. */
const batchSize = 8;
const stepCount = 3;

/** Options but for the data, which the suite draws: labelled noise with a little of the label in it. */
export function describeEngine(
  name: string,
  makeOptions: () => Omit<EngineOptions, 'data' | 'batchSize' | 'seed'> & { readonly classCount: number },
): void {
  describe(`training ${name}`, () => {
    let options: EngineOptions;
    let engine: Engine;

    beforeAll(async () => {
      loadTensorFlow();
      const { classCount, ...rest } = makeOptions();
      options = { ...rest, data: drawData(rest.model.inputShape, classCount), batchSize, seed: 7 };
      engine = await createEngine(options);
    });
    afterAll(() => engine?.close());

    it('gives in the graph what the same ops give one by one', async () => {
      const start = engine.exportState();
      const eager = createEagerEngine(options);
      expectSameState(start, eager.exportState(), 0);
      for (const epoch of [drawEpoch(0), drawEpoch(1)]) {
        const fromGraph = await engine.trainEpoch(epoch);
        const reference = eager.trainEpoch(epoch);
        expect(fromGraph.stepCount).toBe(stepCount);
        expectClose(fromGraph.loss, reference.loss);
        expectClose(fromGraph.accuracy, reference.accuracy);
        fromGraph.gradientNorm.forEach(({ mean }, i) => expectClose(mean, reference.gradientNorm[i]?.mean ?? NaN, 10));
      }
      expectSameState(engine.exportState(), eager.exportState(), weightTolerance);
      const evaluated = await engine.evaluate('validation', { outputs: true });
      const reference = eager.evaluate('validation');
      expectClose(evaluated.loss, reference.loss, 10);
      expect(relativeError(evaluated.outputs ?? new Float32Array(), reference.outputs)).toBeLessThan(weightTolerance);
      engine.importState(start);
    });

    it('goes on from an exported state to the same bits as without a stop', async () => {
      const start = engine.exportState();
      await engine.trainEpoch(drawEpoch(0));
      const between = engine.exportState();
      const straight = await engine.trainEpoch(drawEpoch(1));
      const end = engine.exportState();

      await using other = await createEngine(options);
      other.importState(between);
      const resumed = await other.trainEpoch(drawEpoch(1));
      expect(resumed.loss).toBe(straight.loss);
      expectSameState(other.exportState(), end, 0);
      engine.importState(start);
    });

    it('leaves no tensor behind', async () => {
      const before = tf.memory().numTensors;
      const handles = handleCount();
      await engine.trainEpoch(drawEpoch(2));
      await engine.evaluate('validation', { outputs: true });
      engine.importState(engine.exportState());
      expect(tf.memory().numTensors).toBe(before);
      expect(handleCount()).toBe(handles);
      (await createEngine(options)).close();
      expect(tf.memory().numTensors).toBe(before);
      expect(handleCount()).toBe(handles);
    });
  });
}

/** Native tensors, of which tfjs may not know. */
export function handleCount(): number {
  return (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
}

/** Every array of both states: equal to the bit where `tolerance` is 0, else by relative error of its norm. */
export function expectSameState(actual: TrainingState, expected: TrainingState, tolerance: number): void {
  expect(actual.step).toBe(expected.step);
  for (const part of ['weights', 'optimizer', 'average'] as const) {
    expect([...actual[part].keys()].sort()).toEqual([...expected[part].keys()].sort());
    for (const [name, { values }] of expected[part]) {
      const own = actual[part].get(name)?.values ?? new Float32Array();
      if (tolerance === 0) expect([name, own]).toEqual([name, values]);
      else expect([name, relativeError(own, values) < tolerance]).toEqual([name, true]);
    }
  }
}

function expectClose(actual: number, expected: number, factor = 1): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(factor * lossTolerance * Math.max(1, Math.abs(expected)));
}

function drawEpoch(epoch: number): EpochOptions {
  const rng = createRng('engine', 'epoch', epoch);
  return {
    order: Int32Array.from({ length: rowCount }, () => rng.integer(rowCount)),
    learningRates: Float64Array.from({ length: stepCount }, (_, step) => 1e-3 / (1 + epoch + step)),
  };
}

function drawData(inputShape: readonly number[], classCount: number): EngineOptions['data'] {
  const rowSize = inputShape.reduce((product, size) => product * size, 1);
  const rng = createRng('engine', 'data');
  const split = (rows: number) => {
    const y = Int32Array.from({ length: rows }, () => rng.integer(classCount));
    const x = Float32Array.from(
      { length: rows * rowSize },
      (_, i) => rng.normal() + 0.3 * (y[Math.floor(i / rowSize)] as number),
    );
    return { x, y };
  };
  return { train: split(rowCount), validation: split(13) };
}
