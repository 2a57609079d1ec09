import { EnvironmentError } from '@kinetune/study';
import { and, desc, eq, isNotNull, ne, or } from 'drizzle-orm';
import type { Database } from './database.ts';
import { trials } from './schema/index.ts';
import type { Study } from './study.ts';
import type { Fingerprint } from './trial.ts';

/** What a result depends on besides data and machine: its code, and by the lock file the engine. */
const CODE = ['gitCommit', 'uncommittedDiffSha256', 'lockFileSha256'] as const;

/**
 * Holds code against that of the study's trial that began last; any code may begin. Where the study is locked nobody else can begin
 * meanwhile.
 * @throws EnvironmentError where results would not be comparable.
 */
export async function requireSameCode(db: Database, study: Study, own: Fingerprint): Promise<void> {
  const [last] = await db
    .select({ fingerprint: trials.fingerprint })
    .from(trials)
    .where(
      and(
        eq(trials.studyId, study.id),
        isNotNull(trials.fingerprint),
        // One that was given back before it measured binds nobody.
        or(ne(trials.state, 'QUEUED'), isNotNull(trials.lastStep)),
      ),
    )
    .orderBy(desc(trials.startedAt))
    .limit(1);
  const theirs = last?.fingerprint ?? own;
  const name = CODE.find((one) => (theirs[one] ?? null) !== (own[one] ?? null));
  if (name === undefined) return;
  throw new EnvironmentError(
    'code-differs',
    `the trials of ${study.name} ran on other code: expected ${name} ${String(theirs[name])}, got ${String(own[name])} here. Bring both to the same version, or pass --any-code`,
  );
}
