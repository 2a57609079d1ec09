/**
 * Bayesian optimisation with a Gaussian process: quasi-random start-up, MAP fit on warped outputs, log expected improvement
 * with joint fantasies of pending trials and a model of feasibility, mixed search of the acquisition. The parts name their
 * sources. A suggestion is a function of its request: it keeps no state, and chance comes from (seed, index).
 */
import { createRng, type Values } from '@kinetune/study';
import type { Sampler } from '../sampler.ts';
import { addAcquisitions, expectedImprovement, logFeasibility, type Acquisition } from './acquisition.ts';
import { createFeatureSpace, type FeatureSpace } from './feature-space.ts';
import { defaultHyperparameters, fitHyperparameters } from './fit-hyperparameters.ts';
import { condition, type Observations, type Posterior } from './gaussian-process.ts';
import { maximiseAcquisition } from './maximise-acquisition.ts';
import { warpOutputs } from './output-warping.ts';

const CANDIDATES = 1024;

export interface GpOptions {
  readonly startup: Sampler;
  readonly startupTrials: number;
}

export function createGpSampler({ startup, startupTrials }: GpOptions): Sampler {
  return (request) => {
    const { history, space, seed, index, direction } = request;
    const finished = history.observed.length + history.infeasible.length;
    if (finished < startupTrials || history.observed.length < 2) return startup(request);
    const rng = createRng(seed, 'gp', index);
    const features = createFeatureSpace(space);
    const sign = direction === 'maximise' ? 1 : -1;
    const observed = history.observed.map(({ values }) => features.encode(values));
    const y = warpOutputs(history.observed.map(({ objective }) => sign * objective));
    const posterior = fit(features, observed, y);
    const pending = history.pending.map((values) => features.encode(values));
    let acquisition: Acquisition = expectedImprovement(posterior, pending, rng);
    if (history.infeasible.length > 0) {
      acquisition = addAcquisitions(acquisition, feasibility(features, observed, history.infeasible));
    }
    const taken = new Set(
      [...observed, ...pending, ...history.infeasible.map((values) => features.encode(values))].map(String),
    );
    const isDiscrete = features.valueCounts.every(Number.isFinite);
    const accepts = (x: Float64Array): boolean =>
      !(isDiscrete && taken.has(String(x))) && (request.accepts?.(features.decode(x)) ?? true);
    const order = observed.map((_, i) => i).sort((a, b) => (y[b] as number) - (y[a] as number));
    const points = maximiseAcquisition(acquisition, {
      features,
      candidates: scatter(features, CANDIDATES, rng),
      incumbents: order.slice(0, 4).map((i) => observed[i] as Float64Array),
      accepts,
      rng,
    });
    const [best] = points;
    if (best === undefined) return startup(request);
    return {
      values: features.decode(best),
      engine: 'gp',
      engineVersion: 1,
      reason: `expected improvement over the best of ${history.observed.length} results`,
    };
  };
}

function fit(features: FeatureSpace, points: readonly Float64Array[], y: Float64Array): Posterior {
  const observations: Observations = {
    dimensions: features.dimensions,
    x: Float64Array.from(points.flatMap((point) => [...point])),
    y,
    isCategorical: features.isCategorical,
  };
  return condition(observations, fitHyperparameters(observations, [defaultHyperparameters(features.dimensions)]));
}

/** A process on +1 (feasible) and -1 (infeasible). */
function feasibility(
  features: FeatureSpace,
  feasible: readonly Float64Array[],
  infeasible: readonly Values[],
): Acquisition {
  const points = [...feasible, ...infeasible.map((values) => features.encode(values))];
  const labels = Float64Array.from(points, (_, i) => (i < feasible.length ? 1 : -1));
  return logFeasibility(fit(features, points, labels));
}

function scatter(
  features: FeatureSpace,
  count: number,
  rng: { next(): number; integer(bound: number): number },
): Float64Array[] {
  const grids = features.valueCounts.map((values, i) => (Number.isFinite(values) ? features.positions(i) : undefined));
  return Array.from({ length: count }, () =>
    Float64Array.from(grids, (grid) => (grid === undefined ? rng.next() : (grid[rng.integer(grid.length)] as number))),
  );
}
