/**
 * All tables as rows of JSON text, written by the database and read by it: what a backup holds and what moves between databases. Nothing
 * here knows a table by name, so that a new one is not forgotten. jsonb keeps a double exactly, bigints and moments as text.
 *
 * The queue is not among them: its jobs follow from the trials, and are made anew when a database is opened.
 */
import { EnvironmentError, InputError, invariant } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { withStorageFailures } from './storage-failure.ts';

const ROWS_AT_ONCE = 500;

/** The tables, each after those that its rows refer to. */
export async function storedTables(db: Database): Promise<readonly string[]> {
  const tables = await rowsOf<{ name: string }>(
    db,
    sql`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const references = await rowsOf<{ child: string; parent: string }>(
    db,
    sql`select child.relname as child, parent.relname as parent from pg_constraint
      join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
      where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid`,
  );
  const ordered: string[] = [];
  while (ordered.length < tables.length) {
    const next = tables.filter(
      ({ name }) =>
        !ordered.includes(name) && references.every(({ child, parent }) => child !== name || ordered.includes(parent)),
    );
    invariant(next.length > 0, 'tables do not refer to one another in a circle');
    ordered.push(...next.map(({ name }) => name));
  }
  return ordered;
}

/** Rows as JSON text, some at a time. `tx` is a transaction; a table that refers to itself comes at once. */
export async function* readRows(tx: Database, table: string): AsyncGenerator<readonly string[]> {
  const isWhole = await refersToItself(tx, table);
  const name = sql.identifier(table);
  await tx.execute(sql`declare kinetune_rows no scroll cursor for select to_jsonb(t)::text as row from ${name} as t`);
  const fetch = isWhole ? sql`fetch all from kinetune_rows` : sql.raw(`fetch ${ROWS_AT_ONCE} from kinetune_rows`);
  try {
    for (;;) {
      const rows = await rowsOf<{ row: string }>(tx, fetch);
      if (rows.length === 0) break;
      yield rows.map(({ row }) => row);
    }
  } finally {
    await tx.execute(sql`close kinetune_rows`);
  }
}

/** Adds rows that `readRows` gave; those of a table that refers to itself in one call. */
export async function insertRows(tx: Database, table: string, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return;
  const name = sql.identifier(table);
  const all = `[${rows.join(',')}]`;
  await withStorageFailures(() =>
    tx.execute(sql`insert into ${name} select * from jsonb_populate_recordset(null::${name}, ${all}::jsonb)`),
  );
}

export async function countRows(db: Database, table: string): Promise<number> {
  const [row] = await rowsOf<{ rows: string | number }>(db, sql`select count(*) as rows from ${sql.identifier(table)}`);
  return Number(row?.rows);
}

/** @throws InputError `database-not-empty` where any table has a row. */
export async function requireEmptyDatabase(db: Database): Promise<void> {
  for (const table of await storedTables(db)) {
    const rows = await countRows(db, table);
    if (rows > 0)
      throw new InputError(
        'database-not-empty',
        `expected an empty database, got one whose table ${table} has ${rows} rows: name another database, or a home that does not exist yet. Nothing was changed`,
      );
  }
}

/** Tables by name with the rows of each, as far as copied. */
export type RowCounts = Readonly<Record<string, number>>;

/**
 * Copies all of one database into another, empty one of the same schema: whole, or not at all.
 * @throws InputError where the other is not empty; EnvironmentError where a count differs in the end.
 */
export async function copyDatabase(from: Database, to: Database): Promise<RowCounts> {
  return withStorageFailures(() =>
    from.transaction(
      (source) =>
        to.transaction(async (target) => {
          await requireEmptyDatabase(target);
          const copied: Record<string, number> = {};
          for (const table of await storedTables(source)) {
            copied[table] = 0;
            for await (const rows of readRows(source, table)) {
              await insertRows(target, table, rows);
              copied[table] += rows.length;
            }
          }
          await requireCounts(source, copied);
          await requireCounts(target, copied);
          return copied;
        }),
      { isolationLevel: 'repeatable read', accessMode: 'read only' },
    ),
  );
}

/** @throws EnvironmentError where a table has not as many rows as stated. */
export async function requireCounts(db: Database, counts: RowCounts): Promise<void> {
  for (const [table, expected] of Object.entries(counts)) {
    const rows = await countRows(db, table);
    if (rows !== expected)
      throw new EnvironmentError(
        'copy-incomplete',
        `expected ${expected} rows in the table ${table} after the copy, got ${rows}. Nothing was changed`,
      );
  }
}

async function refersToItself(db: Database, table: string): Promise<boolean> {
  const rows = await rowsOf(
    db,
    sql`select 1 from pg_constraint where contype = 'f' and conrelid = confrelid and conrelid = ${`"${table}"`}::regclass`,
  );
  return rows.length > 0;
}

/** Both drivers give the rows so; drizzle's type for either of them does not say it. */
async function rowsOf<T>(db: Database, query: ReturnType<typeof sql>): Promise<readonly T[]> {
  const result: unknown = await db.execute(query);
  return (result as { readonly rows: readonly T[] }).rows;
}
