/** Random search: independent draws, each uniform in the scaled space. */
import type { Sampler } from '../sampler.ts';
import { createSequenceSampler } from '../sequence-sampler.ts';
import { withUniformScientific } from '../uniform-scientific.ts';
import { randomEngine } from './random-engine.ts';

export const randomSampler: Sampler = withUniformScientific(
  createSequenceSampler(randomEngine, {
    reason: ({ index, seed }) => `independent draw ${index} of seed ${seed}`,
  }),
);
