/** What was not tried of a finite space, or of a finite branch of one. */
import { createRng, permutation, valueCount, type Values } from '@kinetune/study';
import { configurationKey } from '../configuration-key.ts';
import { finiteSpace } from '../halton/finite-space.ts';
import { suggestedBefore, suggestedIn } from '../history-within.ts';
import { pinnedSpace } from '../pinned-space.ts';
import type { SuggestionRequest } from '../sampler.ts';

/** Spaces that are listed; of a larger one something new is found by drawing, or by start-up's sequence. */
const LARGEST_LISTED = 10_000;

export interface Untried {
  /** Satisfies the constraints, and was not suggested before. */
  isNew(values: Values): boolean;
  /** All new configurations in an order of the request's seed and index; null of a space that is not listed. */
  list(): readonly Values[] | null;
}

export function createUntried({ space, given, history, accepts, seed, index }: SuggestionRequest): Untried {
  const { count, at } = finiteSpace(given === undefined ? space : pinnedSpace(space, given));
  const continuous = new Set(
    space.hyperparameters.filter(({ domain }) => valueCount(domain) === Infinity).map(({ name }) => name),
  );
  const wasSuggested = suggestedIn(history);
  const isAccepted = (values: Values): boolean => accepts?.(values) ?? true;
  return {
    isNew(values) {
      // Doubles do not repeat, unless they are given.
      const isDistinct = Object.keys(values).some((name) => continuous.has(name) && given?.[name] === undefined);
      return (isDistinct || !wasSuggested(values)) && isAccepted(values);
    },
    list() {
      if (count > LARGEST_LISTED) return null;
      const taken = new Set(suggestedBefore(history).map(configurationKey));
      const cells = permutation(count, createRng(seed, 'tpe', 'untried', index));
      return Array.from(cells, at).filter((values) => !taken.has(configurationKey(values)) && isAccepted(values));
    },
  };
}
