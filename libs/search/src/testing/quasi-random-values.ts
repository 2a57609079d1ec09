import type { Space, Values } from '@kinetune/study';
import { acceptedWalk } from '../accepted-walk.ts';
import { haltonEngine } from '../halton/halton-sequence.ts';

/** The configuration at a point of the Halton sequence, roles left aside. */
export function quasiRandomValues(space: Space, at: { readonly seed: number; readonly index: number }): Values {
  const { seed, index } = at;
  const values = acceptedWalk({ engine: haltonEngine, space, seed, accepts: undefined, given: undefined }).at(index);
  if (values === null) throw new RangeError(`expected a space of more than ${index} configurations`);
  return values;
}
