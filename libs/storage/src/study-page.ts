/** Pages of the studies, filtered and sorted by the database. */
import type { Phase, StudyState } from '@kinetune/study';
import { and, count, ilike, inArray, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import { keysetOrder, withinKeyset, type KeysetKey, type KeysetPage, type KeysetPosition } from './keyset.ts';
import { studies } from './schema/index.ts';
import { studyFromRow, type Study } from './study.ts';

export const STUDY_SORT_KEYS = ['createdAt', 'updatedAt', 'name'] as const;
export type StudySortKey = (typeof STUDY_SORT_KEYS)[number];

export interface StudyFilter {
  readonly states?: readonly StudyState[];
  readonly phases?: readonly Phase[];
  readonly models?: readonly string[];
  /** Part of the name, upper and lower case alike. */
  readonly nameContains?: string;
  /** Put away or not; both unless given. */
  readonly isArchived?: boolean;
}

export interface StudyPageOptions extends KeysetPage {
  readonly filter: StudyFilter;
  readonly by: StudySortKey;
  readonly limit: number;
}

const KEYS: Readonly<Record<StudySortKey, KeysetKey>> = {
  createdAt: { expression: studies.createdAt, type: 'timestamptz' },
  updatedAt: { expression: studies.updatedAt, type: 'timestamptz' },
  name: { expression: studies.name, type: 'text' },
};

/** In the order asked for, studies of the same key by name; reversed where `isReversed`. */
export async function studyPage(
  db: Database,
  { filter, by, limit, ...page }: StudyPageOptions,
): Promise<readonly Study[]> {
  const keyset = { key: KEYS[by], place: [studies.name] };
  const rows = await db
    .select()
    .from(studies)
    .where(and(matches(filter), withinKeyset(keyset, page)))
    .orderBy(...keysetOrder(keyset, page))
    .limit(limit);
  return rows.map(studyFromRow);
}

export async function countStudiesMatching(db: Database, filter: StudyFilter): Promise<number> {
  const [row] = await db.select({ studies: count() }).from(studies).where(matches(filter));
  return row?.studies ?? 0;
}

/** A study's position in an order, to go on from it. */
export function studyPosition(study: Study, by: StudySortKey): KeysetPosition {
  const key = study[by];
  return { key: key instanceof Date ? key.toISOString() : key, place: [study.name] };
}

function matches({ states, phases, models, nameContains, isArchived }: StudyFilter): SQL | undefined {
  return and(
    states && inArray(studies.state, [...states]),
    phases && inArray(studies.phase, [...phases]),
    models && inArray(studies.model, [...models]),
    nameContains === undefined ? undefined : ilike(studies.name, `%${nameContains.replaceAll(/[\\%_]/g, '\\$&')}%`),
    isArchived === undefined ? undefined : isArchived ? isNotNull(studies.archivedAt) : isNull(studies.archivedAt),
  );
}
