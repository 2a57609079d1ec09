import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { conditionalSpace, mixedSpace, spaceOf } from '../testing/sample-spaces.ts';
import { createFeatureSpace } from './feature-space.ts';

const rng = createRng('features');
const draws = 50;

describe('a feature space', () => {
  it.each([
    ['mixed', mixedSpace],
    ['conditional', conditionalSpace],
  ])('encodes what it decoded from a %s space as the canonical point', (_, space) => {
    const features = createFeatureSpace(space);
    for (let i = 0; i < draws; i++) {
      const x = features.draw(rng);
      const again = features.encode(features.decode(x));
      features.canonical(x).forEach((coordinate, j) => expect(again[j]).toBeCloseTo(coordinate, 12));
    }
  });

  it('gives inactive hyperparameters one place, so that they carry no distance within a branch', () => {
    const features = createFeatureSpace(conditionalSpace);
    const [a, b] = [features.draw(rng), features.draw(rng)];
    const sgd = features.encode({ optimizer: 'sgd', 'optimizer=sgd/nesterov': true });
    for (const x of [a, b]) {
      const place = Float64Array.from(sgd, (coordinate, i) =>
        features.isActive(sgd, i) ? coordinate : (x[i] as number),
      );
      expect([...features.canonical(place)]).toEqual([...sgd]);
    }
  });

  it('pins given values, and with a parent what exists below it', () => {
    const features = createFeatureSpace(conditionalSpace, { optimizer: 'adam', 'optimizer=adam/schedule': 'cosine' });
    for (let i = 0; i < draws; i++) {
      const values = features.decode(features.nearest(features.draw(rng)));
      expect(Object.keys(values).sort()).toEqual([
        'optimizer',
        'optimizer=adam/beta',
        'optimizer=adam/schedule',
        'optimizer=adam/schedule=cosine/periods',
      ]);
      expect(values).toMatchObject({ optimizer: 'adam', 'optimizer=adam/schedule': 'cosine' });
    }
  });

  it('keeps a given continuous value to the last digit', () => {
    const given = { learningRate: 0.012345678901234567 };
    const features = createFeatureSpace(mixedSpace, given);
    expect(features.decode(features.draw(rng))).toMatchObject(given);
  });

  it('rounds to a grid that is too long to list', () => {
    const count = 2 ** 31;
    const space = spaceOf({ x: { type: 'int', minimum: 1, maximum: count, scale: 'linear' } });
    const { decode, draw, encode, isFinite, positions } = createFeatureSpace(space);
    const { x } = decode(draw(rng));
    expect(Number.isInteger(x)).toBe(true);
    expect(encode({ x: count / 2 })[0]).toBeCloseTo(0.5, 9);
    expect([isFinite, positions[0]]).toEqual([true, undefined]);
  });

  it('knows what a fixed parent decides', () => {
    const features = createFeatureSpace({
      ...conditionalSpace,
      hyperparameters: conditionalSpace.hyperparameters.filter(({ name }) => name !== 'optimizer'),
      fixed: [{ name: 'optimizer', kind: 'optimizer', value: 'sgd', reason: 'the baseline has it' }],
    });
    expect(Object.keys(features.decode(features.draw(rng)))).toEqual(['optimizer=sgd/nesterov']);
  });
});
