import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/gaussian-process.json' with { type: 'json' };
import { fitHyperparameters, negativeLogPosterior } from './fit-hyperparameters.ts';
import { condition, MINIMUM_NOISE, observedMeans, predict, type Observations } from './gaussian-process.ts';

const { process } = fixture;
const observations: Observations = {
  dimensions: 3,
  x: Float64Array.from(process.x.flat()),
  y: Float64Array.from(process.y),
  extraVariance: new Float64Array(process.y.length),
  isCategorical: new Uint8Array(3),
};
const hyperparameters = {
  logWeights: Float64Array.from(process.weights, Math.log),
  logScale: Math.log(process.scale),
  logNoise: Math.log(process.noise - MINIMUM_NOISE),
};
const posterior = condition(observations, hyperparameters);

describe('a Gaussian process', () => {
  it("predicts scikit-learn's means and variances", () => {
    process.points.forEach((point, i) => {
      const { mean, variance } = predict(posterior, Float64Array.from(point));
      expect(mean).toBeCloseTo(process.mean[i] as number, 8);
      expect(variance).toBeCloseTo(process.variance[i] as number, 8);
    });
  });

  it('is certain to within its noise where it has seen much, and as unsure as before far away', () => {
    const far = predict(posterior, Float64Array.of(50, 50, 50));
    expect(far.mean).toBeCloseTo(0, 6);
    expect(far.variance).toBeCloseTo(process.scale, 6);
    expect(predict(posterior, observations.x.slice(0, 3)).variance).toBeLessThan(process.noise);
  });

  it('knows its mean at what it has seen', () => {
    observedMeans(posterior).forEach((mean, i) => {
      expect(mean).toBeCloseTo(predict(posterior, observations.x.slice(3 * i, 3 * i + 3)).mean, 10);
    });
  });

  it('survives observations at one place', () => {
    const twice = { ...observations, x: new Float64Array(75).fill(0.5), y: new Float64Array(25) };
    expect(predict(condition(twice, { ...hyperparameters, logNoise: -40 }), Float64Array.of(0.5, 0.5, 0.5)).mean).toBe(
      0,
    );
  });
});

describe('its fit', () => {
  it('has the slope of its differences in every hyperparameter', () => {
    const evaluate = negativeLogPosterior({
      ...observations,
      extraVariance: Float64Array.from(process.y, (_, i) => (i % 3) * 0.01),
      isCategorical: Uint8Array.of(0, 0, 1),
    });
    const theta = Float64Array.of(1.2, -0.3, 0.4, 0.2, -3);
    const { gradient } = evaluate(theta);
    theta.forEach((_, i) => {
      const at = (step: number): number => evaluate(theta.map((value, j) => (i === j ? value + step : value))).value;
      expect(gradient[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
    });
  });

  it('finds that a coordinate without effect is long and one with effect short', () => {
    const rng = createRng('ard');
    const x = Float64Array.from({ length: 80 }, () => rng.next());
    const y = Float64Array.from({ length: 40 }, (_, i) => Math.sin(8 * (x[2 * i] as number)));
    const fitted = fitHyperparameters({
      dimensions: 2,
      x,
      y,
      extraVariance: new Float64Array(40),
      isCategorical: new Uint8Array(2),
    });
    expect((fitted.logWeights[0] as number) - (fitted.logWeights[1] as number)).toBeGreaterThan(2);
    expect(fitted.logNoise).toBeLessThan(Math.log(0.01));
  });
});
