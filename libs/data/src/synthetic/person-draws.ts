import { createRng, permutation } from '@kinetune/study';
import { normalQuantile } from './normal-quantile.ts';

/**
 * Random draws for one person that are even over people: in every block of ten people, each draw falls once into the
 * middle of each tenth of its distribution (a Latin hypercube; McKay, Beckman & Conover 1979). So a small group is like
 * the population, and a person is still a function of the seed and their number alone. Nobody lies beyond 2
 * deviations. With independent draws, how hard 30 people are moved by points of accuracy from seed to seed.
 */
export interface PersonDraws {
  /** Uniform in [0, 1). */
  next(): number;
  /** Standard normal. */
  normal(): number;
}

const BLOCK = 10;
/** The share of each tenth that is drawn from. */
const SPREAD = 0.4;
/** Makes the normal draws' deviation 1: the tails are missing. */
const RESCALE = 1.06;

/** A stream of draws for person `index`, keyed by `topic`; the n-th draw of all people is stratified. */
export function createPersonDraws(seed: number, index: number, topic: string): PersonDraws {
  const own = createRng(seed, 'synthetic', topic, 'person', index);
  const block = createRng(seed, 'synthetic', topic, 'block', Math.floor(index / BLOCK));
  const next = () => {
    const tenth = permutation(BLOCK, block)[index % BLOCK] as number;
    return (tenth + 0.5 + SPREAD * (own.next() - 0.5)) / BLOCK;
  };
  return { next, normal: () => RESCALE * normalQuantile(next()) };
}
