/** What trials' curves say: computed once when a trial ends, and again where the analysis has become another. */
import { and, asc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { changedTrials } from './changed-trials.ts';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { configurations, trials } from './schema/index.ts';
import { trialFromRows, unknownTrial, type Diagnosis, type Trial } from './trial.ts';
import { selectTrials } from './trials.ts';

export interface TrialDiagnosis {
  readonly trialId: string;
  readonly diagnosis: Diagnosis;
}

/** Stores diagnoses of a study's trials in place of earlier ones, in one transaction. Each is told of as a change of its trial. */
export async function storeDiagnoses(
  db: Database,
  studyId: string,
  diagnoses: readonly TrialDiagnosis[],
): Promise<void> {
  await changeStudy(db, studyId, async ({ db: tx, append }) => {
    const given = sql`json_to_recordset(${JSON.stringify(diagnoses)}::json) as given("trialId" uuid, diagnosis jsonb)`;
    const changed = await tx
      .update(trials)
      .set({ diagnosis: sql`given.diagnosis` })
      .from(given)
      .where(and(eq(trials.studyId, studyId), sql`${trials.id} = given."trialId"`))
      .returning({ id: trials.id, state: trials.state });
    const stateOf = new Map(changed.map(({ id, state }) => [id, state]));
    for (const { trialId, diagnosis } of diagnoses) {
      const state = stateOf.get(trialId);
      if (state === undefined) throw unknownTrial(trialId);
      append({ type: 'trial-changed', trialId, detail: { state, diagnosisVersion: diagnosis.version } });
    }
  });
}

export interface UndiagnosedOptions {
  /** Of the diagnosis. */
  readonly version: number;
  /** Trials alone that changed after this sequence of the study's. */
  readonly changedAfter?: number | undefined;
}

/** Finished trials with a curve that lack a diagnosis of this version, by number and replicate. */
export async function listUndiagnosed(
  db: Database,
  studyId: string,
  { version, changedAfter }: UndiagnosedOptions,
): Promise<readonly Trial[]> {
  const rows = await selectTrials(db)
    .where(
      and(
        eq(trials.studyId, studyId),
        changedAfter === undefined ? undefined : inArray(trials.id, changedTrials(db, studyId, changedAfter)),
        inArray(trials.state, ['COMPLETED', 'PRUNED', 'INFEASIBLE']),
        or(isNull(trials.diagnosis), sql`(${trials.diagnosis} ->> 'version')::int <> ${version}`),
      ),
    )
    .orderBy(asc(configurations.number), asc(trials.replicate));
  return rows.map(({ trial, configuration }) => trialFromRows(trial, configuration));
}
