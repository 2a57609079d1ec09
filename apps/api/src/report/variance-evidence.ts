/** What a study's further trials say about chance: other seeds of a configuration, other people. */
import type { FoldRun, ReportInput, Run } from '@kinetune/search';
import type { TrialResult } from '@kinetune/storage';
import { completedValues, meanOf, type AnalysedConfiguration } from './analysed-configurations.ts';

/**
 * Groups of runs that differ in their seed alone, and the folds of the configuration that has most of them. Runs of another fold
 * are other people: they never enter the retrain variance.
 * @param configurations best first: of equally many folds the best one's are taken.
 */
export function varianceEvidence(
  configurations: readonly AnalysedConfiguration[],
): NonNullable<ReportInput['variance']> {
  const repeated = repeatedOf(configurations);
  const replicateGroups = repeated.flatMap(replicatesOf).filter((group) => group.length > 1);
  const folds = repeated
    .map(foldsOf)
    .reduce<readonly FoldRun[]>((most, one) => (one.length > most.length ? one : most), []);
  return { replicateGroups, ...(folds.length > 1 ? { folds } : {}) };
}

/** One trial alone says nothing of chance; most configurations have no more. */
export function repeatedOf(configurations: readonly AnalysedConfiguration[]): readonly AnalysedConfiguration[] {
  return configurations.filter(({ trials }) => trials.length > 1);
}

/** Completed and infeasible trials of a configuration, fold by fold. */
export function replicatesOf({ number, trials }: AnalysedConfiguration): readonly (readonly Run[])[] {
  const finished = trials.filter(({ state }) => state === 'COMPLETED' || state === 'INFEASIBLE');
  return [...Map.groupBy(finished, ({ fold }) => fold).values()].map((group) =>
    group.map((trial) => ({ trial: number, seed: trial.seed, configuration: number, value: valueOf(trial) })),
  );
}

/** One run a fold: the mean over its seeds. */
function foldsOf({ number, trials }: AnalysedConfiguration): readonly FoldRun[] {
  return [...Map.groupBy(trials, ({ fold }) => fold)].flatMap(([fold, group]) => {
    const value = meanOf(completedValues(group));
    return value === null ? [] : [{ trial: number, fold, value }];
  });
}

function valueOf({ state, bestValue }: TrialResult): number | null {
  return state === 'COMPLETED' ? bestValue : null;
}
