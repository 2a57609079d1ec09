import { findStudyByName, listTrials, openStorage, readCurves } from '@kinetune/storage';

export interface StudyResults {
  readonly trials: readonly unknown[];
  readonly curves: readonly unknown[];
}

/** What depends on the machine's speed. */
const TIMES = new Set(['examplesPerSecond', 'durationMs']);

/** Everything a study's trials came to, without times and ids: equal for runs that differ in slots, stops and kills alone. */
export async function studyResults(home: string, name: string): Promise<StudyResults> {
  await using storage = await openStorage(home);
  const study = await findStudyByName(storage.db, name);
  if (study === undefined) throw new Error(`no study ${name} in ${home}`);
  const trials = await listTrials(storage.db, study.id);
  const curves = await readCurves(storage.db, study.id, {
    trialIds: trials.map(({ id }) => id),
    metrics: study.metrics.map((metric) => metric.name).filter((metric) => !TIMES.has(metric)),
  });
  return {
    trials: trials.map(({ number, state, values, seed, bestStep, bestValue, lastStep }) => ({
      number,
      state,
      values,
      seed,
      bestStep,
      bestValue,
      lastStep,
    })),
    curves: curves.map(({ steps, epochs, values }) => ({ steps, epochs, values })),
  };
}
