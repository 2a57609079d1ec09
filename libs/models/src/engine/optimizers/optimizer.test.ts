import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../native/load-tensorflow.ts';
import { relativeError } from '../../testing/model-fixture.ts';
import { createEagerEngine } from '../eager-engine.ts';
import type { EngineOptions } from '../engine-options.ts';
import { createEngine } from '../engine.ts';
import fixture from '../fixtures/optimizers.json' with { type: 'json' };
import type { LossFunction } from '../training-step.ts';
import { createOptimizer, type OptimizerSpec } from './optimizer.ts';

loadTensorFlow();

const { inputSize, outputSize, batchSize } = fixture;
const start = {
  kernel: Float32Array.from(fixture.kernel),
  bias: Float32Array.from(fixture.bias),
};

const model: EngineOptions['model'] = {
  inputShape: [inputSize],
  weights: [
    { name: 'kernel', shape: [inputSize, outputSize], initialiser: { type: 'zeros' }, decays: true },
    { name: 'bias', shape: [outputSize], initialiser: { type: 'zeros' }, decays: true },
  ],
  forward: (input, weights) =>
    tf.add(tf.matMul(input as tf.Tensor2D, weights('kernel') as tf.Tensor2D), weights('bias')),
};

const squaredError: LossFunction = (outputs, targets) => ({
  losses: tf.sum(tf.squaredDifference(outputs, targets), 1) as tf.Tensor1D,
});

describe.each(fixture.cases)('$name', ({ spec, clipNorm, averageDecay, rates, order, norms, losses, end, average }) => {
  const options: EngineOptions = {
    model,
    optimizer: spec as OptimizerSpec,
    loss: squaredError,
    data: { train: { x: Float32Array.from(fixture.x), y: Float32Array.from(fixture.y) } },
    batchSize,
    seed: 1,
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(averageDecay === undefined ? {} : { averageDecay }),
  };
  const epoch = { order: Int32Array.from(order), learningRates: rates };

  it.each(['graph', 'eager'])("takes ten of PyTorch's steps (%s)", async (mode) => {
    await using engine = mode === 'graph' ? await createEngine(options) : undefined;
    const { trainEpoch, importState, exportState } = engine ?? createEagerEngine(options);
    const fresh = exportState();
    const weights = new Map(
      [...fresh.weights].map(([name, array]) => [name, { ...array, values: start[name as 'kernel'] }]),
    );
    importState({ ...fresh, weights });
    const result = await trainEpoch(epoch);
    const final = exportState();
    for (const name of ['kernel', 'bias'] as const) {
      expect(relativeError(final.weights.get(name)?.values ?? [], end[name])).toBeLessThan(1e-5);
      if (average) expect(relativeError(final.average.get(name)?.values ?? [], average[name])).toBeLessThan(1e-5);
    }
    expect(
      relativeError(
        result.gradientNorm.map(({ mean }) => mean),
        norms,
      ),
    ).toBeLessThan(1e-5);
    expect(
      relativeError(
        result.lossSpread.map(({ mean }) => mean),
        losses,
      ),
    ).toBeLessThan(1e-5);
    const clippedCount = norms.filter((norm) => norm > (clipNorm ?? Infinity)).length;
    expect(result.clippedShare).toBeCloseTo(clippedCount / rates.length, 12);
  });
});

it('leaves weights that do not decay out of weight decay', async () => {
  const frozen = {
    ...model,
    weights: model.weights.map((weight) => ({ ...weight, decays: weight.name === 'kernel' })),
  };
  for (const type of ['adamw', 'sgd'] as const) {
    const train = async (weightDecay: number): Promise<{ kernel: Float32Array; bias: Float32Array }> => {
      await using engine = await createEngine({
        model: frozen,
        optimizer: { type, weightDecay },
        // This gradient does not depend on the weights, so only decay can tell the two runs apart.
        loss: (outputs) => ({ losses: tf.sum(outputs, 1) as tf.Tensor1D }),
        data: { train: { x: Float32Array.from(fixture.x), y: Float32Array.from(fixture.y) } },
        batchSize,
        seed: 1,
      });
      const fresh = engine.exportState();
      const weights = new Map(
        [...fresh.weights].map(([name, array]) => [name, { ...array, values: start[name as 'kernel'] }]),
      );
      engine.importState({ ...fresh, weights });
      await engine.trainEpoch({ order: Int32Array.of(0, 1, 2), learningRates: [0.1] });
      const { weights: end } = engine.exportState();
      return { kernel: end.get('kernel')?.values as Float32Array, bias: end.get('bias')?.values as Float32Array };
    };
    const without = await train(0);
    const decayed = await train(0.5);
    expect(decayed.bias).toEqual(without.bias);
    const shrunk = without.kernel.map((value, i) => value - 0.1 * 0.5 * (start.kernel[i] as number));
    expect(relativeError(decayed.kernel, shrunk)).toBeLessThan(1e-6);
  }
});

it.each([
  [{ type: 'adam', beta1: 1 }, 'beta1 must be in [0, 1), got 1'],
  [{ type: 'adamw', weightDecay: -1 }, 'weightDecay must be in [0, Infinity), got -1'],
  [{ type: 'sgd', nesterov: true }, 'nesterov needs a momentum above 0, got 0'],
  [{ type: 'rmsprop', alpha: NaN }, 'alpha must be in [0, 1), got NaN'],
  [{ type: 'lion' }, "Unknown optimizer 'lion'; expected one of adam, adamw, sgd, rmsprop"],
])('refuses %o by name', (spec, message) => {
  expect(() => createOptimizer(spec as OptimizerSpec)).toThrow(message);
});
