/** Quasi-random search by the scrambled Sobol sequence: the most even cover where the trials are a power of two. */
import type { Sampler } from '../sampler.ts';
import { createSequenceSampler } from '../sequence-sampler.ts';
import { withUniformScientific } from '../uniform-scientific.ts';
import { sobolEngine } from './sobol-sequence.ts';

export const sobolSampler: Sampler = withUniformScientific(
  createSequenceSampler(sobolEngine, {
    reason: ({ index, seed }) =>
      `point ${index} of the Sobol sequence of seed ${seed}, most even where the trials are a power of two`,
  }),
  { isEven: true },
);
