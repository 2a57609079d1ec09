/** Adding configurations with their trials, exactly once for each index. */
import type { Values } from '@kinetune/study';
import { InputError, invariant } from '@kinetune/study';
import { and, asc, eq, max, min, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import { configurationFromRow, type Configuration, type SamplerNote } from './configuration.ts';
import type { Database } from './database.ts';
import { requireTrainable } from './require-trainable.ts';
import { configurations, trials } from './schema/index.ts';
import { trialFromRows, type Trial } from './trial.ts';
import { queueTrials } from './trial-jobs.ts';

export interface NewConfiguration {
  /** The sampler's index. */
  readonly number: number;
  readonly values: Values;
  readonly spaceVersion: number;
  readonly samplerNote: SamplerNote;
  /** At least one. */
  readonly trials: readonly { readonly seed: number; readonly fold: number }[];
}

export interface CreatedConfiguration {
  /** False when the index was taken: then this is what took it, unchanged. */
  readonly isNew: boolean;
  readonly configuration: Configuration;
  readonly trials: readonly Trial[];
}

/**
 * Adds a configuration and its queued trials in one transaction; a second call for the same number changes nothing.
 * @throws InputError `study-cancelled` for a study that was cancelled.
 */
export async function createConfiguration(
  db: Database,
  studyId: string,
  proposal: NewConfiguration,
): Promise<CreatedConfiguration> {
  invariant(proposal.trials.length > 0, 'a configuration has at least one trial');
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    requireTrainable(study);
    if (study.state === 'CANCELLED')
      throw new InputError('study-cancelled', `expected a study that can go on, and ${study.name} was cancelled`);
    const { number, values, spaceVersion, samplerNote } = proposal;
    const [row] = await tx
      .insert(configurations)
      .values({ studyId, number, values, spaceVersion, samplerNote })
      .onConflictDoNothing({ target: [configurations.studyId, configurations.number] })
      .returning();
    if (row === undefined) {
      const [existing] = await tx
        .select()
        .from(configurations)
        .where(and(eq(configurations.studyId, studyId), eq(configurations.number, number)));
      invariant(existing !== undefined, 'a configuration that is in the way exists');
      const existingTrials = await tx
        .select()
        .from(trials)
        .where(eq(trials.configurationId, existing.id))
        .orderBy(asc(trials.replicate));
      return {
        isNew: false,
        configuration: configurationFromRow(existing),
        trials: existingTrials.map((trial) => trialFromRows(trial, existing)),
      };
    }
    const inserted = await tx
      .insert(trials)
      .values(
        proposal.trials.map(({ seed, fold }, replicate) => ({
          studyId,
          configurationId: row.id,
          replicate,
          seed,
          fold,
        })),
      )
      .returning();
    await queueTrials(
      tx,
      inserted.map(({ id, replicate }) => ({ id, studyId, number, replicate })),
    );
    append({ type: 'configuration-created', detail: { number } });
    for (const trial of inserted) append({ type: 'trial-changed', trialId: trial.id, detail: { state: 'QUEUED' } });
    return {
      isNew: true,
      configuration: configurationFromRow(row),
      trials: inserted.map((trial) => trialFromRows(trial, row)),
    };
  });
}

/** All configurations of a study by number. */
export async function listConfigurations(db: Database, studyId: string): Promise<readonly Configuration[]> {
  const rows = await db
    .select()
    .from(configurations)
    .where(eq(configurations.studyId, studyId))
    .orderBy(asc(configurations.number));
  return rows.map(configurationFromRow);
}

/** One past the highest number in use: the index to propose next. */
export async function nextConfigurationNumber(db: Database, studyId: string): Promise<number> {
  const [row] = await db
    .select({ highest: max(configurations.number) })
    .from(configurations)
    .where(eq(configurations.studyId, studyId));
  return (row?.highest ?? -1) + 1;
}

/** The engines that proposed a study's configurations, in the order in which they first did. */
export async function samplerEngines(db: Database, studyId: string): Promise<readonly string[]> {
  const engine = sql<string>`coalesce(${configurations.samplerNote} ->> 'engine', ${configurations.samplerNote} ->> 'sampler')`;
  const rows = await db
    .select({ engine })
    .from(configurations)
    .where(eq(configurations.studyId, studyId))
    .groupBy(engine)
    .orderBy(min(configurations.number));
  return rows.map((row) => row.engine);
}
