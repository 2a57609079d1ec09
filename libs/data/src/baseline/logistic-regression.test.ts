import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/logistic-regression.json' with { type: 'json' };
import { fitLogisticRegression, mostProbable, predictProbabilities } from './logistic-regression.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64')).buffer;
const floats = (text: string) => Float64Array.from(new Float32Array(bytes(text)));

describe.each(Object.entries(fixture))('logistic regression on %s classes', (_, expected) => {
  const { classCount, featureCount, trainCount, inverseRegularisation } = expected;
  const x = floats(expected.x);
  const train = x.subarray(0, trainCount * featureCount);
  const test = x.subarray(trainCount * featureCount);
  const labels = Int32Array.from(expected.labels.slice(0, trainCount));
  const truth = expected.labels.slice(trainCount);
  const accuracyOf = (probabilities: Float64Array) =>
    mostProbable(probabilities, classCount).filter((label, i) => label === truth[i]).length / truth.length;

  it('finds the minimum that scikit-learn finds', () => {
    const model = fitLogisticRegression(train, labels, { classCount, inverseRegularisation, tolerance: 1e-9 });
    expect(model.hasConverged).toBe(true);
    // Two classes: scikit-learn has the one vector w1 - w0.
    const weights = expected.weights.flat();
    const ours =
      classCount === 2
        ? weights.map((_, f) => (model.weights[featureCount + f] as number) - (model.weights[f] as number))
        : [...model.weights];
    expect(Math.max(...ours.map((value, i) => Math.abs(value - (weights[i] as number))))).toBeLessThan(1e-6);
    const probabilities = predictProbabilities(model, test);
    const theirs = floats(expected.probabilities);
    expect(Math.max(...probabilities.map((value, i) => Math.abs(value - (theirs[i] as number))))).toBeLessThan(1e-6);
    expect(accuracyOf(probabilities)).toBe(expected.accuracy);
  });

  it('is within 0.1 point of its accuracy at both default tolerances', () => {
    const model = fitLogisticRegression(train, labels, { classCount, inverseRegularisation });
    const accuracy = accuracyOf(predictProbabilities(model, test));
    expect(Math.abs(accuracy - expected.accuracyAtDefaultTolerance)).toBeLessThanOrEqual(0.001);
  });
});

describe('logistic regression', () => {
  const options = { classCount: 3, inverseRegularisation: 1 };

  it('never predicts a class it has not seen, and keeps the places of the others', () => {
    const model = fitLogisticRegression(Float64Array.of(-2, -1, 1, 2), Int32Array.of(0, 0, 2, 2), options);
    const probabilities = predictProbabilities(model, Float64Array.of(-3, 3));
    expect([...mostProbable(probabilities, 3)]).toEqual([0, 2]);
    expect([probabilities[1], probabilities[4]]).toEqual([0, 0]);
    const one = fitLogisticRegression(Float64Array.of(-2, 2), Int32Array.of(1, 1), options);
    expect([...predictProbabilities(one, Float64Array.of(9))]).toEqual([0, 1, 0]);
  });

  it('stays finite on separable classes with almost no penalty', () => {
    const model = fitLogisticRegression(Float64Array.of(-2, -1, 1, 2), Int32Array.of(0, 0, 2, 2), {
      classCount: 3,
      inverseRegularisation: 1e9,
    });
    expect(model.weights.every(Number.isFinite)).toBe(true);
  });

  it('refuses what cannot be fitted', () => {
    expect(() => fitLogisticRegression(new Float64Array(5), new Int32Array(2), options)).toThrow(/\[N, F\] features/);
    expect(() => fitLogisticRegression(new Float64Array(2), Int32Array.of(0, 3), options)).toThrow(/0 to 2, got 3/);
    expect(() => fitLogisticRegression(Float64Array.of(NaN, 1), Int32Array.of(0, 1), options)).toThrow(/finite/);
  });
});
