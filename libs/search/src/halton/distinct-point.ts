/** The walk through a finite space that repeats nothing: the distinct configurations of a sequence in order of appearance. */
import { createRng, permutation, type Space, type Values } from '@kinetune/study';
import { configurationAt, countConfigurations } from './finite-space.ts';

interface Walk {
  readonly index: number;
  /** The sequence that is walked, which may repeat itself. */
  readonly valuesAt: (position: number) => Values;
  /** Key of the order in which what the sequence leaves out is taken. */
  readonly key: readonly (string | number)[];
}

interface DistinctPoint {
  readonly values: Values;
  /** How often the whole space was walked before; 0 in a space that is not finite. */
  readonly round: number;
  /** Configurations of the space; Infinity with a continuous hyperparameter. */
  readonly count: number;
}

/**
 * The configuration at `index` of the walk, a pure function of its arguments: point `index` of a space that is not finite
 * (doubles do not repeat), else the distinct configuration of that rank. The last few of a space would take a sequence
 * long to hit, so after 2 x count points the ones still missing follow in random order.
 * Cost: O(index) points; small, since a finite space that is searched is small.
 */
export function distinctPoint(space: Space, { index, valuesAt, key }: Walk): DistinctPoint {
  const count = countConfigurations(space);
  if (count === Infinity) return { values: valuesAt(index), round: 0, count };
  const rank = index % count;
  const round = Math.floor(index / count);
  const seen = new Set<string>();
  for (let position = 0; position < 2 * count; position++) {
    const values = valuesAt(position);
    seen.add(JSON.stringify(values));
    if (seen.size === rank + 1) return { values, round, count };
  }
  const missing = [...permutation(count, createRng(...key))]
    .map((cell) => configurationAt(space, cell))
    .filter((values) => !seen.has(JSON.stringify(values)));
  return { values: missing[rank - seen.size] as Values, round, count };
}
