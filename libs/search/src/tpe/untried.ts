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
  const taken = new Set(count === Infinity ? [] : suggestedBefore(history).map(configurationKey));
  const isNew = (values: Values): boolean =>
    !(count !== Infinity && taken.has(configurationKey(values))) && (accepts?.(values) ?? true);
  return {
    isNew,
    list() {
      if (count > LARGEST_LISTED) return null;
      const cells = permutation(count, createRng(seed, 'tpe', 'untried', index));
      return Array.from(cells, at).filter(isNew);
    },
  };
}
