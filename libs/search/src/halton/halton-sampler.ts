/** Quasi-random search as a sampler: it looks at nothing but the study's seed and the index. */
import type { Sampler } from '../sampler.ts';
import { suggest } from './suggest.ts';

export const haltonSampler: Sampler = ({ space, seed, index }) => {
  const { values, note } = suggest({ space, seed, index });
  return { values, engine: 'halton', engineVersion: note.engineVersion, reason: note.reason };
};
