/** Quasi-random search by the scrambled Halton sequence: an even cover after any number of trials. */
import type { Sampler } from '../sampler.ts';
import { createSequenceSampler } from '../sequence-sampler.ts';
import { withUniformScientific } from '../uniform-scientific.ts';
import { haltonEngine } from './halton-sequence.ts';

export const haltonSampler: Sampler = withUniformScientific(
  createSequenceSampler(haltonEngine, {
    reason: ({ index, seed }) => `point ${index} of the Halton sequence of seed ${seed}, which covers the space evenly`,
  }),
  { isEven: true },
);
