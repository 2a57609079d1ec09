import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/gaussian-process.json' with { type: 'json' };
import { addAcquisitions, averageAcquisitions } from './acquisition.ts';
import { expectedImprovement } from './expected-improvement.ts';
import { bestMean, fantasise } from './fantasies.ts';
import { logH } from '../numeric/normal.ts';
import { condition, MINIMUM_NOISE, predict, type Observations } from './gaussian-process.ts';
import { logFeasibility } from './log-feasibility.ts';

const { process } = fixture;
const count = process.y.length;
const observations: Observations = {
  dimensions: 3,
  x: Float64Array.from(process.x.flat()),
  y: Float64Array.from(process.y),
  extraVariance: new Float64Array(count),
  isCategorical: new Uint8Array(3),
};
const posterior = condition(observations, {
  logWeights: Float64Array.from(process.weights, Math.log),
  logScale: Math.log(process.scale),
  logNoise: Math.log(process.noise - MINIMUM_NOISE),
});
const best = bestMean(posterior, count);
const pending = [Float64Array.of(0.1, 0.9, 0.5), Float64Array.of(0.7, 0.7, 0.2)];
const improvement = expectedImprovement(fantasise(posterior, { pending: [], best, seed: 1 }));
const withPending = expectedImprovement(fantasise(posterior, { pending, best, seed: 1 }));
const rows = Array.from({ length: count }, (_, i) => observations.x.slice(3 * i, 3 * i + 3));
const feasibility = logFeasibility({
  feasible: rows.slice(0, count - 3),
  infeasible: rows.slice(count - 3),
  isCategorical: new Uint8Array(3),
});
const members = {
  'expected improvement': improvement,
  'expected improvement with pending trials': withPending,
  'log feasibility': feasibility,
  'their sum': addAcquisitions(improvement, feasibility),
  'an average': averageAcquisitions([improvement, withPending]),
};

describe('acquisition', () => {
  it.each(Object.entries(members))('%s has the slope of its differences', (_, acquisition) => {
    const rng = createRng('points');
    for (let k = 0; k < 5; k++) {
      const x = Float64Array.from({ length: 3 }, () => rng.next());
      const gradient = new Float64Array(3);
      expect(acquisition.valueAndGradient(x, gradient)).toBeCloseTo(acquisition.value(x), 10);
      x.forEach((__, i) => {
        const at = (step: number): number => acquisition.value(x.map((value, j) => (i === j ? value + step : value)));
        expect(gradient[i]).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 3);
      });
    }
  });

  it('averages the improvements, not their logarithms', () => {
    const x = Float64Array.of(0.4, 0.95, 0.3);
    const [a, b] = [improvement.value(x), withPending.value(x)];
    expect(averageAcquisitions([improvement, withPending]).value(x)).toBeCloseTo(
      Math.log((Math.exp(a) + Math.exp(b)) / 2),
      12,
    );
  });

  it('expects little from a place where a trial is already running', () => {
    const [place] = pending as [Float64Array];
    expect(withPending.value(place)).toBeLessThan(improvement.value(place) - 1);
  });

  it('matches a simulation of the improvement', () => {
    const x = Float64Array.of(0.4, 0.95, 0.3);
    const { mean, variance } = predict(posterior, x);
    const rng = createRng('simulation');
    const draws = 400_000;
    let sum = 0;
    for (let i = 0; i < draws; i++) sum += Math.max(mean + Math.sqrt(variance) * rng.normal() - best, 0);
    // 400,000 draws of a value with a spread of about its own size: a deviation of 2 % is more than six standard errors.
    expect(Math.abs(Math.exp(improvement.value(x)) / (sum / draws) - 1)).toBeLessThan(0.02);
  });

  it('matches a simulation of what two running trials and a third bring together', () => {
    const x = Float64Array.of(0.4, 0.95, 0.3);
    // Draw the running trials one after the other from the posterior, each conditioned on the one before.
    const rng = createRng('joint simulation');
    const draws = 1_500;
    let sum = 0;
    for (let i = 0; i < draws; i++) {
      let { x: seen, y, extraVariance } = observations;
      let reference = best;
      for (const point of pending) {
        const now = condition({ ...observations, x: seen, y, extraVariance }, posterior.hyperparameters);
        const { mean, variance } = predict(now, point);
        const value = mean + Math.sqrt(variance + now.noise) * rng.normal();
        seen = Float64Array.from([...seen, ...point]);
        y = Float64Array.from([...y, value]);
        extraVariance = new Float64Array(y.length);
        reference = Math.max(reference, value);
      }
      const last = condition({ ...observations, x: seen, y, extraVariance }, posterior.hyperparameters);
      const { mean, variance } = predict(last, x);
      const sd = Math.sqrt(variance);
      sum += sd * Math.exp(logH((mean - reference) / sd).value);
    }
    // 64 quasi-random fantasies against 1,500 random ones, whose mean has a standard error of about 1.5 %.
    expect(Math.abs(Math.exp(withPending.value(x)) / (sum / draws) - 1)).toBeLessThan(0.08);
  });

  it('believes that running trials bring their means where there are many results', () => {
    const many: Observations = {
      ...observations,
      x: Float64Array.from({ length: 903 }, (_, i) => createRng('many', i).next()),
      y: Float64Array.from({ length: 301 }, (_, i) => createRng('many', 3 * i).next()),
      extraVariance: new Float64Array(301),
    };
    const process301 = condition(many, { ...posterior.hyperparameters, logNoise: Math.log(0.1) });
    const { alphas, bests, posterior: extended } = fantasise(process301, { pending, best: 0.5, seed: 1 });
    expect(alphas.length).toBe(1);
    const means = pending.map((point) => predict(process301, point).mean);
    expect(bests[0]).toBeCloseTo(Math.max(0.5, ...means), 12);
    expect([...extended.observations.y.slice(-2)]).toEqual(means);
  });
});
