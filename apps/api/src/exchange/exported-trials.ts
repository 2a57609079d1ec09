/** A study's configurations with what their trials measured, some at a time: all at once might not fit into memory. */
import {
  evaluationsOf,
  listWithTrials,
  storedMeasurements,
  type ConfigurationWithTrials,
  type Database,
  type Evaluation,
  type StoredMeasurement,
  type Study,
  type Trial,
} from '@kinetune/storage';

export interface ExportedTrial {
  readonly trial: Trial;
  readonly measurements: readonly StoredMeasurement[];
  readonly evaluations: readonly Evaluation[];
}

export type ExportedConfiguration = ConfigurationWithTrials & { readonly exported: readonly ExportedTrial[] };

export interface ExportedTrialsOptions {
  /** Measurements at the best step alone, without evaluations: what a table of trials shows. */
  readonly isBestAlone?: boolean;
}

/** Trials whose measurements are read at once: with 2,000 each they are some tens of megabytes. */
const BATCH = { whole: 100, bestAlone: 5000 } as const;

/** By number, each with its trials by replicate. */
export async function* exportedTrials(
  db: Database,
  { id }: Study,
  { isBestAlone = false }: ExportedTrialsOptions = {},
): AsyncIterable<ExportedConfiguration> {
  let batch: ConfigurationWithTrials[] = [];
  let trials = 0;
  for (const configuration of await listWithTrials(db, id)) {
    batch.push(configuration);
    trials += configuration.trials.length;
    if (trials < (isBestAlone ? BATCH.bestAlone : BATCH.whole)) continue;
    yield* await withResults(db, batch, isBestAlone);
    batch = [];
    trials = 0;
  }
  yield* await withResults(db, batch, isBestAlone);
}

async function withResults(
  db: Database,
  batch: readonly ConfigurationWithTrials[],
  isBestAlone: boolean,
): Promise<readonly ExportedConfiguration[]> {
  const ids = batch.flatMap(({ trials }) => trials.map(({ id }) => id));
  const measurements = await storedMeasurements(db, ids, { isBestAlone });
  const evaluations = isBestAlone ? new Map<string, never>() : await evaluationsOf(db, ids);
  return batch.map((configuration) => ({
    ...configuration,
    exported: configuration.trials.map((trial) => ({
      trial,
      measurements: measurements.get(trial.id) ?? [],
      evaluations: evaluations.get(trial.id) ?? [],
    })),
  }));
}
