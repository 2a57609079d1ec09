/** The configuration to adopt: of those observed the one with the best posterior mean, which noise has favoured least. */
import type { Direction, Space } from '@kinetune/study';
import { historyWithin } from '../history-within.ts';
import type { History, ObservedConfiguration } from '../sampler.ts';
import { createFeatureSpace } from './feature-space.ts';
import { fitHyperparameters } from './fit-hyperparameters.ts';
import { condition, observedMeans } from './gaussian-process.ts';
import { finiteHistory } from './finite-history.ts';
import { observationsOf } from './observations-of-history.ts';

interface Observed {
  readonly space: Space;
  readonly direction: Direction;
  readonly history: History;
}

/** Null when no configuration of the space has a finite objective. */
export function recommend({ space, direction, history: whole }: Observed): ObservedConfiguration | null {
  const history = finiteHistory(historyWithin(space, whole));
  const observations = observationsOf(history, createFeatureSpace(space), direction);
  if (history.observed.length === 0) return null;
  const means = observedMeans(condition(observations, fitHyperparameters(observations)));
  return history.observed[means.indexOf(Math.max(...means.subarray(0, history.observed.length)))] ?? null;
}
