/** Configurations of the Halton sequence where nothing was suggested before; those of a finite space again when all were. */
import type { Space } from '@kinetune/study';
import type { Suggestion } from '../sampler.ts';
import { countConfigurations } from './finite-space.ts';
import { haltonSampler } from './halton-sampler.ts';

interface SuggestOptions {
  readonly space: Space;
  readonly seed: number;
  readonly index: number;
}

export function suggest({ space, seed, index }: SuggestOptions): Suggestion {
  const suggestion = haltonSampler({
    space,
    seed,
    index: index % countConfigurations(space),
    direction: 'minimise',
    history: { observed: [], infeasible: [], pending: [] },
  });
  return suggestion as Suggestion;
}
