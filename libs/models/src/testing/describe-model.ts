/** What every model family must keep: the contract suite that each family's test runs. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createRng, InputError, valueFromUnit } from '@kinetune/study';
import { findFamily } from '../catalogue/model-families.ts';
import type { HyperparameterValues } from '../catalogue/definition.ts';
import { createModel } from '../create-model.ts';
import type { ForwardContext, Model } from '../model.ts';
import { crossEntropy } from '../engine/cross-entropy.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { countOperations } from './count-operations.ts';
import { describeOptimizerSteps } from './describe-optimizer-steps.ts';
import { readModelFixtures, relativeError, toTensor, type FixtureTensor, type ModelFixture } from './model-fixture.ts';
import { weightTotal } from './weight-total.ts';

/** Evaluation: nothing is dropped. */
const evaluation: ForwardContext = { isTraining: false, dropout: (x) => x };

const OUTPUT_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-4;

export function describeModel(family: string): void {
  describe(`the ${family} model`, () => {
    loadTensorFlow();
    const fixtures = readModelFixtures(family);

    it('has fixtures', () => {
      expect(fixtures.length).toBeGreaterThanOrEqual(5);
    });

    for (const fixture of fixtures) {
      describe(`on the fixture ${fixture.name}`, () => {
        it('declares the weights that PyTorch has', () => {
          const { weights } = build(fixture);
          const shapes = (entries: Iterable<readonly [string, readonly number[]]>) => new Map(entries);
          expect(shapes(weights.map(({ name, shape }) => [name, shape]))).toEqual(
            shapes([...fixture.weights].map(([name, { shape }]) => [name, shape])),
          );
          expect(weightTotal(build(fixture))).toBe(fixture.weightCount);
        });

        it('gives the logits and the loss of PyTorch', () => {
          tf.tidy(() => {
            const logits = logitsOf(fixture, fixtureWeight(fixture));
            expect(logits.shape).toEqual(fixture.logits.shape);
            expect(relativeError(logits.dataSync(), fixture.logits.values)).toBeLessThan(OUTPUT_TOLERANCE);
            expect(relativeError(lossOf(fixture, logits).dataSync(), [fixture.loss])).toBeLessThan(OUTPUT_TOLERANCE);
          });
        });

        it('gives the gradient of PyTorch for every weight', () => {
          const errors = Object.entries(gradientErrors(fixture)).filter(([, error]) => !(error < GRADIENT_TOLERANCE));
          expect(errors).toEqual([]);
        });

        it('leaves no tensor behind', () => {
          gradientErrors(fixture);
          const before = tf.memory().numTensors;
          gradientErrors(fixture);
          expect(tf.memory().numTensors).toBe(before);
        });
      });
    }

    describeOptimizerSteps(family);

    it('has the weight count that the catalogue says, for any configuration', () => {
      const definition = findFamily(family);
      const rng = createRng('weight counts', family);
      let built = 0;
      for (let i = 0; i < 600; i++) {
        const shape = {
          windowLength: 16 + rng.integer(200),
          channelCount: 1 + rng.integer(9),
          classCount: 2 + rng.integer(12),
        };
        const values = randomValues(definition, rng);
        if (definition.validate(values, shape).length > 0) continue;
        built += 1;
        expect(weightTotal(createModel(family, values, shape))).toBe(definition.weightCount(values, shape));
      }
      expect(built).toBeGreaterThan(40);
    });

    it('does the arithmetic that the catalogue says', () => {
      for (const { values, shape } of fixtures) {
        const model = createModel(family, values, shape);
        const counted = tf.tidy(() => {
          const weights = startingWeights(model);
          const windows: tf.Tensor3D = tf.zeros([3, ...model.inputShape]);
          return countOperations(() => model.forward(windows, (name) => weights.get(name) as tf.Tensor, evaluation));
        });
        expect(counted).toBe(3 * findFamily(family).floatingPointOperationsPerWindow(values, shape));
      }
    });

    it('declares each weight once, decaying kernels and embeddings and nothing else', () => {
      const { weights } = createModel(family, {}, { windowLength: 64, channelCount: 6, classCount: 5 });
      expect(new Set(weights.map(({ name }) => name)).size).toBe(weights.length);
      for (const { name, decays } of weights)
        expect([name, decays]).toEqual([name, !/\.(bias|gamma|beta)$/.test(name)]);
    });

    it('takes batches of any size, each window apart from the others', () => {
      const model = createModel(family, {}, { windowLength: 32, channelCount: 6, classCount: 5 });
      tf.tidy(() => {
        const weights = startingWeights(model);
        const lookup = (name: string) => weights.get(name) as tf.Tensor;
        const windows = tf.randomNormal<tf.Rank.R3>([5, 32, 6], 0, 1, 'float32', 7);
        const together = model.forward(windows, lookup, evaluation);
        const alone = model.forward(windows.slice([3, 0, 0], [1, 32, 6]), lookup, evaluation);
        expect(relativeError(alone.dataSync(), together.slice([3, 0], [1, 5]).dataSync())).toBeLessThan(
          OUTPUT_TOLERANCE,
        );
      });
    });

    it("gives the same logits on tfjs's plain backend, so that it can run where TensorFlow cannot", async () => {
      const backend = tf.getBackend();
      tf.env().set('IS_TEST', true); // or the backend prints an advertisement
      try {
        await tf.setBackend('cpu');
        for (const fixture of fixtures) {
          tf.tidy(() => {
            const logits = logitsOf(fixture, fixtureWeight(fixture)).dataSync();
            expect(relativeError(logits, fixture.logits.values)).toBeLessThan(OUTPUT_TOLERANCE);
          });
        }
      } finally {
        await tf.setBackend(backend);
      }
    });

    it('refuses a configuration that cannot be built, with every reason', () => {
      expect(() => createModel(family, { dropout: 7 }, { windowLength: 32, channelCount: 0, classCount: 5 })).toThrow(
        expect.objectContaining({
          name: InputError.name,
          code: 'invalid-configuration',
          message: expect.stringMatching(
            /dropout must be a number from 0 to 0.95, got 7.*channelCount must be a positive/,
          ),
        }),
      );
    });
  });
}

function build({ family, values, shape }: ModelFixture): Model {
  return createModel(family, values, shape);
}

function logitsOf(fixture: ModelFixture, weights: (name: string) => tf.Tensor): tf.Tensor2D {
  return build(fixture).forward(toTensor(fixture.input) as tf.Tensor3D, weights, evaluation);
}

/** The mean loss of a fixture's batch with its own options. */
function lossOf(fixture: ModelFixture, logits: tf.Tensor2D): tf.Scalar {
  const { losses, weights } = crossEntropy(logits, tf.tensor1d([...fixture.labels], 'int32'), {
    labelSmoothing: fixture.labelSmoothing,
    ...(fixture.classWeights === null ? {} : { classWeights: fixture.classWeights }),
  });
  return tf.div(tf.sum(losses), weights === undefined ? losses.size : tf.sum(weights));
}

function fixtureWeight(fixture: ModelFixture): (name: string) => tf.Tensor {
  return (name) => toTensor(fixture.weights.get(name) as FixtureTensor);
}

/** The relative error of each weight's gradient. */
function gradientErrors(fixture: ModelFixture): Record<string, number> {
  const names = [...fixture.weights.keys()];
  return tf.tidy(() => {
    const weights = names.map(fixtureWeight(fixture));
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      return lossOf(
        fixture,
        logitsOf(fixture, (name) => tensors[names.indexOf(name)] as tf.Tensor),
      );
    })(weights);
    const errors = names.map((name, i) => [
      name,
      relativeError(
        (gradients[i] as tf.Tensor).dataSync(),
        (fixture.gradients.get(name) as { values: Float32Array }).values,
      ),
    ]);
    return Object.fromEntries(errors) as never;
  });
}

function startingWeights(model: Model): ReadonlyMap<string, tf.Tensor> {
  return new Map(
    model.weights.map(({ name, shape }, i) => [name, tf.randomNormal([...shape], 0, 0.3, 'float32', i + 1)]),
  );
}

/** A value from the search range of each hyperparameter, or its default. */
function randomValues(family: ReturnType<typeof findFamily>, rng: ReturnType<typeof createRng>): HyperparameterValues {
  return Object.fromEntries(
    family.hyperparameters.map(({ name, search, default: fallback }) => [
      name,
      search === undefined ? fallback : valueFromUnit(search, rng.next()),
    ]),
  );
}
