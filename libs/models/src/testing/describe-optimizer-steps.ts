import { describe, expect, it } from 'vitest';
import { createModel } from '../create-model.ts';
import { createEngine, type OptimizerSpec } from '../engine/index.ts';
import { readModelFixtures, relativeError, type FixtureSteps, type ModelFixture } from './model-fixture.ts';

const WEIGHT_TOLERANCE = 1e-4;
const STEP_COUNT = 10;

/** Ten steps of every optimizer on a family's fixtures, in the compiled engine: losses on the way and weights at the end. */
export function describeOptimizerSteps(family: string): void {
  const fixtures = readModelFixtures(family).filter(({ steps }) => steps.size > 0);

  describe.each(fixtures)('ten steps on the fixture $name', (fixture) => {
    it.each([...fixture.steps.keys()])(
      'of %s end at the weights of PyTorch',
      async (optimizer) => {
        const expected = fixture.steps.get(optimizer) as FixtureSteps;
        const { losses, weights } = await takeSteps(fixture, optimizer, expected);
        expect(relativeError(losses, expected.losses)).toBeLessThan(WEIGHT_TOLERANCE);
        const errors = [...expected.weights]
          .map(([name, { values }]) => [name, relativeError(weights.get(name)?.values ?? [], values)] as const)
          .filter(([, error]) => !(error < WEIGHT_TOLERANCE));
        expect(errors).toEqual([]);
      },
      60_000,
    );
  });
}

async function takeSteps(
  fixture: ModelFixture,
  optimizer: string,
  { options }: FixtureSteps,
): Promise<{ losses: number[]; weights: ReadonlyMap<string, { readonly values: Float32Array }> }> {
  const batchSize = fixture.labels.length;
  const clipNorm = options['clip'] as number | undefined;
  await using engine = await createEngine({
    model: createModel(fixture.family, fixture.values, fixture.shape) as never,
    optimizer: optimizerSpec(optimizer, options),
    loss: {
      labelSmoothing: fixture.labelSmoothing,
      ...(fixture.classWeights === null ? {} : { classWeights: fixture.classWeights }),
    },
    data: { train: { x: fixture.input.values, y: Int32Array.from(fixture.labels) } },
    batchSize,
    seed: 0,
    ...(clipNorm === undefined ? {} : { clipNorm }),
  });
  engine.importState({ ...engine.exportState(), weights: fixture.weights });
  const losses: number[] = [];
  for (let i = 0; i < STEP_COUNT; i++) {
    const order = Int32Array.from(fixture.labels, (_, row) => row);
    losses.push((await engine.trainEpoch({ order, learningRates: [options['lr'] as number] })).loss);
  }
  return { losses, weights: engine.exportState().weights };
}

/** From PyTorch's names to ours. */
function optimizerSpec(name: string, options: FixtureSteps['options']): OptimizerSpec {
  const weightDecay = options['weight_decay'] as number;
  const epsilon = options['eps'] as number;
  if (name === 'sgd') return { type: 'sgd', weightDecay, momentum: options['momentum'] as number, nesterov: true };
  if (name === 'rmsprop') return { type: 'rmsprop', weightDecay, epsilon, alpha: options['alpha'] as number };
  const [beta1, beta2] = options['betas'] as readonly [number, number];
  return { type: name === 'adamw' ? 'adamw' : 'adam', weightDecay, epsilon, beta1, beta2 };
}
