/**
 * Grid search: every combination once, in an order that spreads whatever part of it is run (that of a scrambled Halton sequence over the
 * grid), then null. A continuous hyperparameter takes `levels` values from end to end, even in its own scale; discrete
 * ones take all of theirs.
 */
import { InputError, valueCount, valueFromUnit, type Hyperparameter, type Space } from '@kinetune/study';
import { countConfigurations } from '../halton/finite-space.ts';
import { haltonEngine } from '../halton/halton-sequence.ts';
import type { Sampler } from '../sampler.ts';
import { createSequenceSampler } from '../sequence-sampler.ts';
import { withUniformScientific } from '../uniform-scientific.ts';

/** Combinations that one study can count out; nobody trains a million. */
const LARGEST_GRID = 1_000_000;

export interface GridOptions {
  /** Values of a continuous hyperparameter, at least 2. */
  readonly levels: number;
}

/** The sampler throws an InputError that names the count when the grid has more than 1,000,000 combinations. */
export function createGridSampler({ levels }: GridOptions): Sampler {
  // The same space is the same grid, so that the walk through it is remembered.
  const grids = new WeakMap<Space, Space>();
  const overGrid = withUniformScientific(
    createSequenceSampler(haltonEngine, {
      name: 'grid',
      reason: ({ index }, { count }) =>
        `combination ${index} of the grid's ${count}, in an order that spreads any part of it`,
    }),
    { isEven: true },
  );
  return (request) => {
    const grid = grids.get(request.space) ?? gridSpace(request.space, levels);
    grids.set(request.space, grid);
    return overGrid({ ...request, space: grid });
  };
}

function gridSpace(space: Space, levels: number): Space {
  const gridOf = (hyperparameter: Hyperparameter): Hyperparameter => {
    const { domain } = hyperparameter;
    if (valueCount(domain) !== Infinity) return hyperparameter;
    const choices = Array.from({ length: levels }, (_, level) => valueFromUnit(domain, level / (levels - 1)));
    return { ...hyperparameter, domain: { type: 'categorical', choices } };
  };
  const grid = { ...space, hyperparameters: space.hyperparameters.map(gridOf) };
  const count = countConfigurations(grid);
  if (count > LARGEST_GRID) {
    throw new InputError(
      'grid-too-large',
      `expected a grid of at most ${LARGEST_GRID.toLocaleString('en')} combinations, got ${count.toLocaleString('en')}: search fewer hyperparameters, give continuous ones fewer levels than ${levels}, or take the halton sampler`,
    );
  }
  return grid;
}
