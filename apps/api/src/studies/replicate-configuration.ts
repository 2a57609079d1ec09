/** Further trials of a configuration with other seeds, on each of its folds. */
import { rankTrials } from '@kinetune/search';
import { createReplicates, listTrials, type Database, type Study, type Trial } from '@kinetune/storage';
import { deriveSeed, InputError } from '@kinetune/study';
import { analysedConfigurations } from '../report/analysed-configurations.ts';

export interface ReplicateOptions {
  /** Which configuration; the best unless stated. */
  readonly number: number | undefined;
  /** How many further seeds. */
  readonly seeds: number;
}

export interface Replicated {
  readonly number: number;
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
  readonly trials: readonly Trial[];
}

/** @throws InputError for a number that the study does not have, or where none has completed to be the best. */
export async function replicateConfiguration(
  db: Database,
  study: Study,
  { number: stated, seeds: count }: ReplicateOptions,
): Promise<Replicated> {
  const all = await listTrials(db, study.id);
  const ranked = rankTrials(analysedConfigurations(all, study.space), study.objective.direction);
  const number = stated ?? ranked[0]?.number;
  if (number === undefined)
    throw new InputError(
      'nothing-completed',
      `expected a completed trial of ${study.name} to replicate, found none: run it first, or name a configuration by its number`,
    );
  const own = all.filter((trial) => trial.number === number);
  const folds = [...new Set(own.map(({ fold }) => fold))].sort((a, b) => a - b);
  const taken = new Set(own.map(({ seed }) => seed));
  // The seeds that the study would have given it, had it been proposed with more replicates.
  const seeds: number[] = [];
  for (let index = 0; seeds.length < count; index++) {
    const seed = deriveSeed(study.seed, 'trial', number, index);
    if (!taken.has(seed)) seeds.push(seed);
  }
  const trials = await createReplicates(db, study.id, {
    number,
    trials: seeds.flatMap((seed) => folds.map((fold) => ({ seed, fold }))),
  });
  return { number, seeds, folds, trials };
}
