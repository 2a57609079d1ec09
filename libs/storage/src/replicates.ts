/** Further trials of a configuration that exists: other seeds, other folds. */
import { InputError, invariant } from '@kinetune/study';
import { and, asc, eq } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { requireTrainable } from './require-trainable.ts';
import { configurations, studies, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';
import { queueTrials } from './trial-jobs.ts';

export interface NewReplicates {
  /** The configuration's number. */
  readonly number: number;
  /** Seed and fold of each trial; a pair that the configuration has already adds none. */
  readonly trials: readonly { readonly seed: number; readonly fold: number }[];
}

/**
 * Queues further trials of a configuration in one transaction, and returns those that are new. A completed study runs again; the
 * configuration keeps its objective until they have ended, and is then given the mean of all.
 * @throws InputError when the study has no configuration of this number, was cancelled, or is one that was imported.
 */
export async function createReplicates(
  db: Database,
  studyId: string,
  { number, trials: wanted }: NewReplicates,
): Promise<readonly Trial[]> {
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    requireTrainable(study);
    if (study.state === 'CANCELLED')
      throw new InputError('study-cancelled', `expected a study that can go on, and ${study.name} was cancelled`);
    const [configuration] = await tx
      .select()
      .from(configurations)
      .where(and(eq(configurations.studyId, studyId), eq(configurations.number, number)));
    if (configuration === undefined)
      throw new InputError(
        'unknown-configuration',
        `expected the number of a configuration of ${study.name}, got ${number}`,
      );
    const existing = await tx
      .select({ replicate: trials.replicate, seed: trials.seed, fold: trials.fold })
      .from(trials)
      .where(eq(trials.configurationId, configuration.id))
      .orderBy(asc(trials.replicate));
    const taken = new Set(existing.map(({ seed, fold }) => `${seed} ${fold}`));
    const added = wanted.filter(({ seed, fold }) => {
      const key = `${seed} ${fold}`;
      return !taken.has(key) && taken.add(key);
    });
    if (added.length === 0) return [];
    const first = (existing.at(-1)?.replicate ?? -1) + 1;
    const inserted = await tx
      .insert(trials)
      .values(
        added.map(({ seed, fold }, index) => ({
          studyId,
          configurationId: configuration.id,
          replicate: first + index,
          seed,
          fold,
        })),
      )
      .returning();
    invariant(inserted.length === added.length, 'every trial was inserted');
    await queueTrials(
      tx,
      inserted.map(({ id, replicate }) => ({ id, studyId, number, replicate })),
    );
    for (const trial of inserted) append({ type: 'trial-changed', trialId: trial.id, detail: { state: 'QUEUED' } });
    if (study.state === 'COMPLETED') {
      await tx.update(studies).set({ state: 'RUNNING' }).where(eq(studies.id, studyId));
      append({ type: 'study-changed', detail: { state: 'RUNNING' } });
    }
    return inserted.map((trial) => trialFromRows(trial, configuration));
  });
}
