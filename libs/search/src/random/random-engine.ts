/** Independent uniform points: each is a stream of its own, so that it depends on the seed and the index alone. */
import { createRng } from '@kinetune/study';
import type { PointEngine } from '../point-engine.ts';

const VERSION = 1;

export const randomEngine: PointEngine = {
  name: 'random',
  version: VERSION,
  points: ({ seed, dimensions }) => {
    return (index) => {
      const rng = createRng('random', VERSION, seed, index);
      return Array.from({ length: dimensions }, () => rng.next());
    };
  },
};
