/** What is left of a finite space: for when drawing at random finds nothing new. */
import { createRng, permutation, type Values } from '@kinetune/study';
import { configurationKey } from '../configuration-key.ts';
import { finiteSpace } from '../halton/finite-space.ts';
import { suggestedBefore } from '../history-within.ts';
import { pinnedSpace } from '../pinned-space.ts';
import type { SuggestionRequest } from '../sampler.ts';

/** Spaces that are listed; of a larger one something new is found by drawing, or by start-up's sequence. */
const LARGEST_LISTED = 10_000;

export interface Untried {
  /** Satisfies the constraints, and was not suggested if the space is finite: doubles do not repeat. */
  isNew(values: Values): boolean;
  /** All new configurations in an order of the request's seed and index; null of a space that is not listed. */
  list(): readonly Values[] | null;
}

export function createUntried({ space, given, history, accepts, seed, index }: SuggestionRequest): Untried {
  const { count, at } = finiteSpace(given === undefined ? space : pinnedSpace(space, given));
  const before = count === Infinity ? [] : suggestedBefore(history);
  const isAccepted = (values: Values): boolean => accepts?.(values) ?? true;
  return {
    // A few are asked for: comparing is cheaper than a key of everything.
    isNew(values) {
      const names = Object.keys(values);
      const isTaken = before.some((other) => names.every((name) => other[name] === values[name]));
      return !isTaken && isAccepted(values);
    },
    list() {
      if (count > LARGEST_LISTED) return null;
      const taken = new Set(before.map(configurationKey));
      const cells = permutation(count, createRng(seed, 'tpe', 'untried', index));
      return Array.from(cells, at).filter((values) => !taken.has(configurationKey(values)) && isAccepted(values));
    },
  };
}
