/**
 * Bayesian optimisation with a Gaussian process: quasi-random start-up, MAP fit on warped outputs, log expected improvement
 * with joint fantasies of pending trials and a model of feasibility, mixed search of the acquisition. The parts name their
 * sources. A suggestion is a function of its request: it keeps no state, and chance comes from (seed, index).
 */
import { createRng, deriveSeed, type Values } from '@kinetune/study';
import { configurationKey } from '../configuration-key.ts';
import { historyWithin, suggestedBefore } from '../history-within.ts';
import type { History, Sampler, SuggestionRequest } from '../sampler.ts';
import { addAcquisitions, averageAcquisitions, type Acquisition } from './acquisition.ts';
import { expectedImprovement } from './expected-improvement.ts';
import { bestMean, bestMeanAt, fantasise } from './fantasies.ts';
import { createFeatureSpace, type FeatureSpace } from './feature-space.ts';
import { finiteHistory } from './finite-history.ts';
import { sampleHyperparameters } from './fit-hyperparameters.ts';
import { condition, type Observations } from './gaussian-process.ts';
import { logFeasibility } from './log-feasibility.ts';
import { maximiseAcquisition } from './maximise-acquisition.ts';
import { observationsOf } from './observations-of-history.ts';

/** Counts up with any change that moves a suggestion. */
export const GP_ENGINE_VERSION = 5;

export interface GpOptions {
  /** Suggests until there are results to learn from, now and then afterwards, and where the process finds nothing to suggest. */
  readonly startup: Sampler;
  /** Configurations that `startup` suggests before the process is asked. */
  readonly startupTrials: number;
}

/** Every so many suggestions one is `startup`'s, so that no region stays unseen because a wrong model thinks little of it. */
const EXPLORE_EVERY = 20;

/**
 * Every so many suggestions aim higher than the best, in standard deviations of the results: where an optimum is known to the last
 * digit, it is no longer worth a trial, and another region is. Ackley5 at 100 trials 2.8 instead of 3.5; aims of 0.5, or of 0.3 at
 * every third, cost Rosenbrock5 twice to three times its regret at 50 (96 and 135 against 31).
 */
const REACH_EVERY = 4;
const REACH = 0.1;

/**
 * Draws of the hyperparameters beside the fit, over which the improvement is averaged (Snoek et al. 2012, section 3.2). Mean z of rank
 * tests against the fit alone at 50 and 100 trials (seeds 1-10; Branin, Hartmann6, Ackley5, Rosenbrock5, Levy8, Michalewicz5,
 * StyblinskiTang5, Shekel4; uncertain by about 0.35): +0.40, +0.73. The draw alone at every other suggestion: +0.17, +0.22. Four times
 * the candidates and ten starts of the acquisition search, the fit alone: -0.34, -0.15.
 */
const DRAWS = 1;
/** Results from which on the fit is believed: a second model takes a suggestion at 100 results from 50 to 65 ms. */
const BELIEVED_FROM = 100;

export function createGpSampler({ startup, startupTrials }: GpOptions): Sampler {
  return (request) => {
    const { space, seed, index, direction, given } = request;
    const history = finiteHistory(historyWithin(space, request.history));
    if (isStartingUp(history, startupTrials) || index % EXPLORE_EVERY === EXPLORE_EVERY - 1) return startup(request);

    const features = createFeatureSpace(space, given);
    const observations = observationsOf(history, features, direction);
    const pending = history.pending.map(features.encode);
    const known = incumbents(observations, features);
    const isGiven = Object.keys(given ?? {}).length > 0;
    const hasGiven = (x: Float64Array): boolean =>
      features.nearest(x).every((coordinate, i) => Math.abs(coordinate - (x[i] as number)) < 1e-9);
    const hyperparameters = sampleHyperparameters(observations, {
      draws: history.observed.length >= BELIEVED_FROM ? 0 : DRAWS,
      rng: createRng(seed, 'gp', 'hyperparameters', index),
    });
    const improvements = hyperparameters.map((each) => {
      const posterior = condition(observations, each);
      // Beside given values, what was observed or runs elsewhere is not what has to be improved on.
      const best = isGiven
        ? bestMeanAt(posterior, known.map(features.canonical))
        : bestMean(posterior, history.observed.length);
      return expectedImprovement(
        fantasise(posterior, {
          pending,
          isRival: hasGiven,
          best: best + (index % REACH_EVERY === 2 ? REACH : 0),
          seed: deriveSeed(seed, 'gp', index),
        }),
      );
    });
    const improvement = averageAcquisitions(improvements);
    const feasibility = (): Acquisition =>
      logFeasibility({
        feasible: history.observed.map(({ values }) => features.encode(values)),
        infeasible: history.infeasible.map(features.encode),
        isCategorical: features.isCategorical,
      });
    const point = maximiseAcquisition(
      history.infeasible.length === 0 ? improvement : addAcquisitions(improvement, feasibility()),
      {
        features,
        incumbents: known,
        ...acceptance(request, features),
        rng: createRng(seed, 'gp', index),
      },
    );
    if (point === undefined) return startup(request);
    const { observed } = history;
    const others = history.pending.length === 0 ? '' : `, whatever the ${history.pending.length} still running bring`;
    return {
      values: features.decode(point),
      engine: 'gp',
      engineVersion: GP_ENGINE_VERSION,
      reason: `expected improvement over the best of ${observed.length} results${others}`,
    };
  };
}

/** With many at once the model is asked before all that start-up suggested has ended, but not before half of it has. */
function isStartingUp({ observed, infeasible, pending }: History, startupTrials: number): boolean {
  const finished = observed.length + infeasible.length;
  return observed.length < 2 || finished < startupTrials / 2 || finished + pending.length < startupTrials;
}

/** The observed points, best first, with given values in place. */
function incumbents({ x, y, dimensions }: Observations, features: FeatureSpace): Float64Array[] {
  return Array.from(y, (_, i) => i)
    .sort((a, b) => (y[b] as number) - (y[a] as number))
    .map((i) => features.nearest(x.slice(i * dimensions, (i + 1) * dimensions)));
}

/** Constraints, and in a space of finitely many configurations that none comes twice. */
function acceptance(
  { history, accepts }: SuggestionRequest,
  { isFinite, decode }: FeatureSpace,
): { readonly accepts?: (x: Float64Array) => boolean } {
  if (!isFinite && accepts === undefined) return {};
  const taken = new Set(isFinite ? suggestedBefore(history).map(configurationKey) : []);
  return {
    accepts: (x) => {
      const values: Values = decode(x);
      return !(isFinite && taken.has(configurationKey(values))) && (accepts?.(values) ?? true);
    },
  };
}
