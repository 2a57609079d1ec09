/** What becomes of a study that has nothing left to train. */
import { isDeepStrictEqual } from 'node:util';
import type { StudyState, TrialState } from '@kinetune/study';
import { and, count, eq, inArray, sql } from 'drizzle-orm';
import { changeStudy, type StudyChange } from './change-study.ts';
import type { Database } from './database.ts';
import { studies, trials } from './schema/index.ts';
import type { Study } from './study.ts';

/**
 * Completes a study that has nothing left to do, as it was seen; gives whether it is. It is not where it has been given more to do
 * since: a larger budget, another space, a further replicate, a state of a person's choice.
 */
export async function completeStudy(db: Database, seen: Study): Promise<boolean> {
  return changeStudy(db, seen.id, async (change) => {
    if (!isAsSeen(change.study, seen)) return false;
    if ((await countTrialsIn(change, ['QUEUED', 'RUNNING', 'FAILED'])) > 0) return false;
    await enter(change, 'COMPLETED');
    return true;
  });
}

/**
 * Pauses a study of which nothing is left but trials that the machine failed, as it was seen; gives how many these are, 0 where it
 * goes on. Their results are missing, so that it is not complete: who mended the machine resumes it, and they are tried again.
 */
export async function pauseForMending(db: Database, seen: Study): Promise<number> {
  return changeStudy(db, seen.id, async (change) => {
    if (!isAsSeen(change.study, seen)) return 0;
    if ((await countTrialsIn(change, ['QUEUED', 'RUNNING'])) > 0) return 0;
    const failed = await countTrialsIn(change, ['FAILED']);
    if (failed > 0) await enter(change, 'PAUSED');
    return failed;
  });
}

function isAsSeen(study: Study, seen: Study): boolean {
  const fields = ['budget', 'exploit', 'spaceVersions'] as const;
  return study.state === 'RUNNING' && fields.every((field) => isDeepStrictEqual(study[field], seen[field]));
}

async function countTrialsIn({ db, study }: StudyChange, states: readonly TrialState[]): Promise<number> {
  const [row] = await db
    .select({ trials: count() })
    .from(trials)
    .where(and(eq(trials.studyId, study.id), inArray(trials.state, [...states])));
  return row?.trials ?? 0;
}

async function enter({ db, study, append }: StudyChange, state: StudyState): Promise<void> {
  await db
    .update(studies)
    .set({ state, updatedAt: sql`now()` })
    .where(eq(studies.id, study.id));
  append({ type: 'study-changed', detail: { state } });
}
