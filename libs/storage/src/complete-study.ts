import { isDeepStrictEqual } from 'node:util';
import { and, count, eq, inArray, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import type { Database } from './database.ts';
import { studies, trials } from './schema/index.ts';
import type { Study } from './study.ts';

/**
 * Completes a study that has nothing left to do, as it was seen; gives whether it is. It is not where it has been given more to do
 * since: a larger budget, another space, a further replicate, a state of a person's choice.
 */
export async function completeStudy(db: Database, seen: Study): Promise<boolean> {
  return changeStudy(db, seen.id, async ({ db: tx, study, append }) => {
    if (study.state !== 'RUNNING') return false;
    const isSame = (['budget', 'exploit', 'spaceVersions'] as const).every((field) =>
      isDeepStrictEqual(study[field], seen[field]),
    );
    if (!isSame) return false;
    const isUnfinished = and(eq(trials.studyId, study.id), inArray(trials.state, ['QUEUED', 'RUNNING', 'FAILED']));
    const [row] = await tx.select({ unfinished: count() }).from(trials).where(isUnfinished);
    if ((row?.unfinished ?? 0) > 0) return false;
    await tx
      .update(studies)
      .set({ state: 'COMPLETED', updatedAt: sql`now()` })
      .where(eq(studies.id, study.id));
    append({ type: 'study-changed', detail: { state: 'COMPLETED' } });
    return true;
  });
}
