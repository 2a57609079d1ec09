/** Imported data sets: what they hold, and what baselines reach on them, so that neither is computed twice. */
import { createHash } from 'node:crypto';
import type { DataSpec } from '@kinetune/study';
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { datasets } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface Dataset {
  /** sha256 of what was imported. */
  readonly contentHash: string;
  readonly spec: DataSpec;
  readonly splitHash: string | null;
  /** Counts of windows, people and classes, the leak audit, malformed lines: whatever the importer reports. */
  readonly summary: Readonly<Record<string, unknown>>;
  /** Results of the baselines by name; null until they have run. */
  readonly baselines: Readonly<Record<string, unknown>> | null;
  readonly isSynthetic: boolean;
  /** People or samples are on both sides of the split: every result on it is marked. */
  readonly isLeaking: boolean;
  readonly importedAt: Date;
}

/** Notes a data set under its content and spec; noted again, it is replaced, keeping its baselines unless given anew. */
export async function saveDataset(db: Database, dataset: Omit<Dataset, 'importedAt'>): Promise<Dataset> {
  const { contentHash, spec, baselines, ...rest } = dataset;
  const changed = { spec, ...rest, ...(baselines === null ? {} : { baselines }) };
  const [row] = await withStorageFailures(() =>
    db.transaction((tx) =>
      tx
        .insert(datasets)
        .values({ contentHash, specHash: specHash(spec), baselines, spec, ...rest })
        .onConflictDoUpdate({ target: [datasets.contentHash, datasets.specHash], set: changed })
        .returning(),
    ),
  );
  return datasetFromRow(row as typeof datasets.$inferSelect);
}

export async function saveBaselines(
  db: Database,
  { contentHash, spec }: Pick<Dataset, 'contentHash' | 'spec'>,
  baselines: Readonly<Record<string, unknown>>,
): Promise<void> {
  await withStorageFailures(() =>
    db.transaction((tx) => tx.update(datasets).set({ baselines }).where(isSame(contentHash, spec))),
  );
}

/** All of them, the latest first. */
export async function listDatasets(db: Database): Promise<readonly Dataset[]> {
  const rows = await db.select().from(datasets).orderBy(desc(datasets.importedAt), asc(datasets.specHash));
  return rows.map(datasetFromRow);
}

export async function findDataset(
  db: Database,
  { contentHash, spec }: Pick<Dataset, 'contentHash' | 'spec'>,
): Promise<Dataset | undefined> {
  const [row] = await db.select().from(datasets).where(isSame(contentHash, spec));
  return row && datasetFromRow(row);
}

function isSame(contentHash: string, spec: DataSpec) {
  return and(eq(datasets.contentHash, contentHash), eq(datasets.specHash, specHash(spec)));
}

function datasetFromRow({ specHash: _, ...dataset }: typeof datasets.$inferSelect): Dataset {
  return dataset;
}

/** Hash of the JSON with its keys sorted, so that the order in a study file does not matter. */
function specHash(spec: DataSpec): string {
  const canonical = JSON.stringify(spec, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('hex');
}

/** What a data set is known by: its content and its spec. */
export function datasetId({ contentHash, spec }: Pick<Dataset, 'contentHash' | 'spec'>): string {
  return `${contentHash}.${specHash(spec)}`;
}

/** Data sets by `datasetId`; one that does not exist is missing. */
export async function findDatasets(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Dataset>> {
  if (ids.length === 0) return new Map();
  const id = sql`${datasets.contentHash} || '.' || ${datasets.specHash}`;
  const rows = await db
    .select()
    .from(datasets)
    .where(inArray(id, [...ids]));
  return new Map(rows.map((row) => [`${row.contentHash}.${row.specHash}`, datasetFromRow(row)]));
}
