/** What trials' curves say: computed once when a trial ends, and again where the analysis has become another. */
import { and, asc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import { lockedTrial, studyOf } from './change-trial.ts';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import { trialFromRows, type Diagnosis, type Trial } from './trial.ts';
import { selectTrials } from './trials.ts';

/** Stores a trial's diagnosis in place of an earlier one. Told of as a change of the trial. */
export async function storeDiagnosis(db: Database, trialId: string, diagnosis: Diagnosis): Promise<void> {
  await changeStudy(db, await studyOf(db, trialId), async ({ db: tx, append }) => {
    const { state } = await lockedTrial(tx, trialId);
    await tx.update(trials).set({ diagnosis }).where(eq(trials.id, trialId));
    append({ type: 'trial-changed', trialId, detail: { state, diagnosisVersion: diagnosis.version } });
  });
}

/** Finished trials with a curve that lack a diagnosis of this version, by number and replicate. */
export async function listUndiagnosed(db: Database, studyId: string, version: number): Promise<readonly Trial[]> {
  const rows = await selectTrials(db)
    .where(
      and(
        eq(trials.studyId, studyId),
        inArray(trials.state, ['COMPLETED', 'PRUNED', 'INFEASIBLE']),
        or(isNull(trials.diagnosis), sql`(${trials.diagnosis} ->> 'version')::int <> ${version}`),
      ),
    )
    .orderBy(asc(configurations.number), asc(trials.replicate));
  return rows.map(({ trial, configuration }) => trialFromRows(trial, configuration));
}
