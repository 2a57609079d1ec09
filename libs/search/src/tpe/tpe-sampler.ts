/**
 * Tree-structured Parzen estimator, multivariate, in the better published setting (Watanabe 2304.11127): configurations are
 * split into a good and a bad set, a mixture is fitted to each, and of the draws from the good one that with the highest
 * density ratio is suggested. Infeasible and pending configurations count as bad ones (constant liar).
 *
 * Conditional hyperparameters: those of one branch form a group with a model of its own, fitted to the trials of that branch;
 * the ratio of a draw is the product over its active groups.
 */
import { createRng, invariant, isActive, parseName, type Hyperparameter, type Values } from '@kinetune/study';
import type { Sampler, SuggestionRequest } from '../sampler.ts';
import { createParzenEstimator, type ParzenEstimator } from './parzen-estimator.ts';

const GOOD_SHARE = 0.15;
const LARGEST_GOOD = 25;
const CANDIDATES = 24;
/** Draws that break a constraint or repeat a finished configuration of a discrete space are drawn again this often. */
const REDRAWS = 50;

export interface TpeOptions {
  readonly startup: Sampler;
  readonly startupTrials: number;
}

interface Group {
  readonly hyperparameters: readonly Hyperparameter[];
  readonly good: ParzenEstimator;
  readonly bad: ParzenEstimator;
}

export function createTpeSampler({ startup, startupTrials }: TpeOptions): Sampler {
  return (request) => {
    const { space, history, seed, index, direction } = request;
    if (history.observed.length + history.infeasible.length < startupTrials || history.observed.length < 2)
      return startup(request);
    const sign = direction === 'minimise' ? 1 : -1;
    const losses = history.observed
      .map(({ values, objective }) => ({ values, loss: sign * objective }))
      .sort((a, b) => a.loss - b.loss);
    const total = losses.length + history.infeasible.length;
    const goodCount = Math.min(Math.ceil(GOOD_SHARE * total), LARGEST_GOOD, losses.length);
    const good = losses.slice(0, goodCount);
    const bad = [...losses.slice(goodCount).map(({ values }) => values), ...history.infeasible, ...history.pending];
    // The best of the bad ones; without any, the worst of the good ones.
    const boundary = losses[goodCount] ?? losses[goodCount - 1];
    invariant(boundary !== undefined, 'there are observed configurations');
    const threshold = boundary.loss;
    const groups = groupByBranch(space.hyperparameters).map((hyperparameters) =>
      fitGroup(hyperparameters, good, bad, threshold),
    );

    const rng = createRng(seed, 'tpe', index);
    const accepts = acceptance(request);
    let best: { values: Values; ratio: number } | undefined;
    for (let candidate = 0, draws = 0; candidate < CANDIDATES && draws < CANDIDATES * REDRAWS; draws++) {
      const values: Record<string, Values[string]> = {};
      let ratio = 0;
      for (const { hyperparameters, good: goodModel, bad: badModel } of groups) {
        if (!isActive((hyperparameters[0] as Hyperparameter).name, values)) continue;
        const drawn = goodModel.sample(rng);
        Object.assign(values, drawn);
        ratio += goodModel.logDensity(drawn) - badModel.logDensity(drawn);
      }
      if (!accepts(values)) continue;
      candidate++;
      if (best === undefined || ratio > best.ratio) best = { values, ratio };
    }
    if (best === undefined) return startup(request);
    return {
      values: best.values,
      engine: 'tpe',
      engineVersion: 1,
      reason: `most like the best ${goodCount} of ${total} results and least like the others`,
    };
  };
}

/** Hyperparameters that are active under the same conditions, parents first. */
function groupByBranch(hyperparameters: readonly Hyperparameter[]): Hyperparameter[][] {
  const groups = Map.groupBy(hyperparameters, ({ name }) => name.slice(0, name.lastIndexOf('/') + 1));
  return [...groups.entries()]
    .sort(([a], [b]) => parseName(`${a}x`).conditions.length - parseName(`${b}x`).conditions.length)
    .map(([, group]) => group);
}

function fitGroup(
  hyperparameters: readonly Hyperparameter[],
  good: readonly { readonly values: Values; readonly loss: number }[],
  bad: readonly Values[],
  threshold: number,
): Group {
  const { name } = hyperparameters[0] as Hyperparameter;
  const goodHere = good.filter(({ values }) => values[name] !== undefined);
  const badHere = bad.filter((values) => values[name] !== undefined);
  // A good result weighs by how much it improves on the best of the bad ones.
  const weights = goodHere.map(({ loss }) => Math.max(1e-12, threshold - loss));
  const priorWeight = weights.length === 0 ? 1 : weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return {
    hyperparameters,
    good: createParzenEstimator(
      hyperparameters,
      goodHere.map(({ values }) => values),
      [...weights, priorWeight],
    ),
    bad: createParzenEstimator(hyperparameters, badHere, [...badHere.map(() => 1), 1]),
  };
}

function acceptance({ space, history, accepts }: SuggestionRequest): (values: Values) => boolean {
  const isDiscrete = space.hyperparameters.every(({ domain }) => domain.type !== 'float' || domain.step !== undefined);
  const key = (values: Values): string => JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  const taken = new Set(
    isDiscrete
      ? [...history.observed.map(({ values }) => values), ...history.infeasible, ...history.pending].map(key)
      : [],
  );
  return (values) => !(isDiscrete && taken.has(key(values))) && (accepts?.(values) ?? true);
}
