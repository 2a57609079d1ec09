/** Creating, finding and changing studies. */
import {
  didYouMean,
  InputError,
  invariant,
  isFinished,
  type Phase,
  type Space,
  type StudyState,
} from '@kinetune/study';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { changeStudy, type StudyChange } from './change-study.ts';
import { nextConfigurationNumber } from './configurations.ts';
import type { Database } from './database.ts';
import { requireTrainable } from './require-trainable.ts';
import { studies, trials } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';
import { studyFromRow, type NewStudy, type Override, type Study } from './study.ts';
import { isUuid } from './uuid.ts';

/**
 * Adds a study without configurations, RUNNING unless it is to wait.
 * @throws InputError when a study has this name already; it stays as it was.
 */
export async function createStudy(
  db: Database,
  study: NewStudy,
  { state = 'RUNNING' }: { readonly state?: 'RUNNING' | 'PAUSED' } = {},
): Promise<Study> {
  return withStorageFailures(() =>
    db.transaction(async (tx) => {
      if (study.from !== null) await requireParent(tx, study.from);
      const spaceVersions = [{ space: study.space, phase: study.phase, firstConfiguration: 0 }];
      const values = { ...study, spaceVersions, state };
      const [row] = await tx.insert(studies).values(values).onConflictDoNothing({ target: studies.name }).returning();
      if (row === undefined) {
        throw new InputError('study-exists', `expected a new name for a study, got ${study.name}: a study has it`);
      }
      await changeStudy(tx, row.id, async ({ append }) =>
        append({ type: 'study-created', detail: { name: row.name } }),
      );
      return { ...studyFromRow(row), eventSequence: 1 };
    }),
  );
}

async function requireParent(db: Database, name: string): Promise<void> {
  if ((await findStudyByName(db, name)) !== undefined) return;
  const names = (await listStudies(db)).map((study) => study.name);
  const message = `from: expected the name of a study that has run, got ${name}.${didYouMean(name, names)}${names.length === 0 ? ' There is none yet.' : ` There are: ${names.join(', ')}.`}`;
  throw new InputError('unknown-study', message, { problems: [{ field: ['from'], message }] });
}

export async function findStudyByName(db: Database, name: string): Promise<Study | undefined> {
  const [row] = await db.select().from(studies).where(eq(studies.name, name));
  return row && studyFromRow(row);
}

export async function findStudy(db: Database, studyId: string): Promise<Study | undefined> {
  if (!isUuid(studyId)) return undefined;
  const [row] = await db.select().from(studies).where(eq(studies.id, studyId));
  return row && studyFromRow(row);
}

/** Studies by id; one that does not exist is missing. */
export async function findStudies(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Study>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const rows = await db.select().from(studies).where(inArray(studies.id, known));
  return new Map(rows.map((row) => [row.id, studyFromRow(row)]));
}

/** All studies, oldest first. */
export async function listStudies(db: Database): Promise<readonly Study[]> {
  const rows = await db.select().from(studies).orderBy(asc(studies.createdAt), asc(studies.name));
  return rows.map(studyFromRow);
}

/** Sets how many configurations a study may propose; a completed one with budget left runs again. */
export async function updateStudyBudget(db: Database, studyId: string, budget: NewStudy['budget']): Promise<Study> {
  if (!Number.isSafeInteger(budget.trials) || budget.trials < 1) {
    throw new InputError('bad-budget', `expected a budget of at least 1 trial, got ${budget.trials}`);
  }
  return changeStudy(db, studyId, async (change) => {
    const grew = budget.trials > change.study.budget.trials;
    if (grew) requireTrainable(change.study);
    const state = change.study.state === 'COMPLETED' && grew ? 'RUNNING' : change.study.state;
    if (budget.trials === change.study.budget.trials) return change.study;
    return setStudy(change, { budget, state });
  });
}

/** RUNNING, PAUSED or COMPLETED. Ending one for good is `cancelStudy`. */
export async function setStudyState(
  db: Database,
  studyId: string,
  state: Exclude<StudyState, 'CANCELLED'>,
): Promise<Study> {
  return changeStudy(db, studyId, async (change) => {
    if (change.study.state === state) return change.study;
    if (state === 'RUNNING') requireTrainable(change.study);
    return setStudy(change, { state });
  });
}

/** Notes which split the data gave; a study whose split changed would compare results on different people. */
export async function setStudySplit(db: Database, studyId: string, splitHash: string): Promise<Study> {
  return changeStudy(db, studyId, async (change) => {
    const { study } = change;
    if (study.splitHash === splitHash) return study;
    if (study.splitHash !== null) {
      throw new InputError(
        'split-changed',
        `expected the split that study ${study.name} was started with (${study.splitHash}), got ${splitHash}: its data or its split have changed, and its trials could not be compared; start a study of another name`,
      );
    }
    return setStudy(change, { splitHash });
  });
}

/**
 * Adds a version of the space, widened or refined: the configurations proposed from now on are drawn from it, earlier ones keep
 * theirs. With a phase it begins that phase; a completed study runs again.
 */
export async function addSpaceVersion(
  db: Database,
  studyId: string,
  space: Space,
  { phase: stated }: { readonly phase?: Phase } = {},
): Promise<Study> {
  return changeStudy(db, studyId, async (change) => {
    const { study } = change;
    requireTrainable(study);
    const phase = stated ?? study.phase;
    const version = study.space.version + 1;
    const next = { ...space, version };
    const firstConfiguration = await nextConfigurationNumber(change.db, studyId);
    return setStudy(change, {
      space: next,
      spaceVersions: [...study.spaceVersions, { space: next, phase, firstConfiguration }],
      phase,
      state: study.state === 'COMPLETED' ? 'RUNNING' : study.state,
    });
  });
}

/** Sets the second phase, or takes it away while it has not begun; a completed study with more to do runs again. */
export async function setExploit(db: Database, studyId: string, exploit: NewStudy['exploit']): Promise<Study> {
  return changeStudy(db, studyId, async (change) => {
    requireTrainable(change.study);
    const grew = (exploit?.trials ?? 0) > (change.study.exploit?.trials ?? 0);
    return setStudy(change, {
      exploit,
      state: change.study.state === 'COMPLETED' && grew ? 'RUNNING' : change.study.state,
    });
  });
}

/** Words about a study, limits of its analysis and its share of the slots: changing them changes no trial. */
export async function setStudyWords(
  db: Database,
  studyId: string,
  words: Partial<Pick<NewStudy, 'thresholds' | 'goal' | 'limits' | 'priority'>> & {
    readonly conclusion?: string | null;
  },
): Promise<Study> {
  return changeStudy(db, studyId, (change) => setStudy(change, words));
}

/** Passes over a question before believing a result, in place of an earlier reason for the same one. */
export async function setOverride(db: Database, studyId: string, override: Override): Promise<Study> {
  return changeStudy(db, studyId, (change) => {
    const others = change.study.overrides.filter(({ question }) => question !== override.question);
    return setStudy(change, { overrides: [...others, override] });
  });
}

/** Ends a study: what is queued or running is CANCELLED, and writes of its trainers are refused from now on. */
export async function cancelStudy(db: Database, studyId: string, reason: string): Promise<Study> {
  return changeStudy(db, studyId, async (change) => {
    const cancelled = await change.db
      .update(trials)
      .set({
        state: 'CANCELLED',
        reasonCode: 'cancelled',
        reason,
        fencingToken: sql`${trials.fencingToken} + 1`,
        finishedAt: sql`now()`,
      })
      .where(and(eq(trials.studyId, studyId), inArray(trials.state, ['QUEUED', 'RUNNING'])))
      .returning({ id: trials.id, state: trials.state });
    for (const trial of cancelled) {
      invariant(isFinished(trial.state), 'a cancelled trial is finished');
      change.append({ type: 'trial-changed', trialId: trial.id, detail: { state: trial.state, reason } });
    }
    return change.study.state === 'CANCELLED' ? change.study : setStudy(change, { state: 'CANCELLED' });
  });
}

async function setStudy(
  { db, study, append }: StudyChange,
  values: Partial<Omit<Study, 'id' | 'name' | 'eventSequence' | 'createdAt' | 'updatedAt'>>,
): Promise<Study> {
  const [row] = await db.update(studies).set(values).where(eq(studies.id, study.id)).returning();
  invariant(row !== undefined, 'the locked study exists');
  append({ type: 'study-changed', detail: values });
  return { ...studyFromRow(row), eventSequence: study.eventSequence + 1 };
}
