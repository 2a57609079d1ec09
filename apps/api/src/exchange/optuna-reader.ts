/** Queries of an Optuna storage on SQLite: that it is one, and what is wrong with it where it is not. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { InputError } from '@kinetune/study';
import { parsePythonJson } from './python-json.ts';

const SCHEMA_VERSION = 12;
/** Revisions of the tables that Optuna 3 to 5 work on; they differ in an index. */
const REVISIONS = ['v3.0.0.d', 'v3.2.0.a'];

/** All that are read here. */
const TABLES = [
  'studies',
  'study_directions',
  'study_user_attributes',
  'study_system_attributes',
  'trials',
  'trial_params',
  'trial_values',
  'trial_intermediate_values',
  'trial_user_attributes',
  'trial_system_attributes',
  'version_info',
  'alembic_version',
];

/** Queries whose failures tell of a damaged file. */
export class OptunaReader {
  /** What the copy is of, for messages. */
  readonly path: string;
  readonly #database: DatabaseSync;

  constructor(path: string, copy: string) {
    this.path = path;
    this.#database = new DatabaseSync(copy, { timeout: 0 });
    // What SQLite advises for files of unknown origin: https://sqlite.org/security.html
    this.#database.exec('pragma trusted_schema = off; pragma cell_size_check = on; pragma mmap_size = 0');
  }

  close(): void {
    this.#database.close();
  }

  damaged(what: string): InputError {
    return new InputError(
      'optuna-damaged',
      `expected a whole Optuna storage, but ${what}: the file is damaged or cut short. Nothing was imported; import another copy of it`,
      { file: this.path },
    );
  }

  *rows(query: string, ...values: SQLInputValue[]): Iterable<Readonly<Record<string, unknown>>> {
    try {
      yield* this.#database.prepare(query).iterate(...values);
    } catch (error) {
      throw isSqliteError(error) ? this.damaged(`SQLite says: ${error.message}`) : error;
    }
  }

  json(text: unknown, what: string): unknown {
    try {
      return parsePythonJson(String(text));
    } catch {
      throw this.damaged(`${what} is not JSON`);
    }
  }

  /** One of the words that an enumeration of Optuna's has. */
  word<Word extends string>(words: readonly Word[], value: unknown, what: string): Word {
    if (words.includes(value as Word)) return value as Word;
    throw this.damaged(`${what} is ${String(value)}, none of ${words.join(', ')}`);
  }

  /** @throws InputError unless the file is whole and a storage of a version that is known. */
  check(): void {
    const [found] = this.rows('pragma quick_check(1)');
    const verdict = String(Object.values(found ?? {})[0]);
    if (verdict !== 'ok') throw this.damaged(`SQLite says: ${verdict.split('\n').at(-1)}`);
    const kinds = new Map(
      [...this.rows("select name, type from pragma_table_list where schema = 'main' and name not like 'sqlite%'")].map(
        ({ name, type }) => [String(name), type],
      ),
    );
    // A view would be a program of whoever made the file.
    const tables = new Set([...kinds].flatMap(([name, type]) => (type === 'table' ? [name] : [])));
    const other = TABLES.find((name) => kinds.has(name) && !tables.has(name));
    if (other !== undefined) throw this.damaged(`${other} is a ${String(kinds.get(other))} and not a table`);
    if (!tables.has('version_info') || !tables.has('trials'))
      throw new InputError(
        'not-optuna',
        `expected an Optuna storage, got an SQLite database with ${tables.size === 0 ? 'no tables' : `the tables ${[...tables].sort().slice(0, 8).join(', ')}`}: name the file of sqlite:///... that the study was made with`,
        { file: this.path },
      );
    const version = [...this.rows('select schema_version from version_info')][0]?.schema_version;
    const revision = tables.has('alembic_version')
      ? [...this.rows('select version_num from alembic_version')][0]?.version_num
      : undefined;
    if (version !== SCHEMA_VERSION || !REVISIONS.includes(String(revision)))
      throw new InputError(
        'optuna-version',
        `expected an Optuna storage of schema version ${SCHEMA_VERSION}, revision ${REVISIONS.join(' or ')} (Optuna 3 to 5), got version ${String(version)}, revision ${revision === undefined ? 'none' : JSON.stringify(revision)}: on a copy of it run \`optuna storage upgrade --storage sqlite:///<file>\` and import that`,
        { file: this.path },
      );
  }

  /** Before Optuna 5 moments were kept in the local time of the machine, since then in UTC. */
  hasLocalTimes(): boolean {
    const library = [...this.rows('select library_version from version_info')][0]?.library_version;
    return Number.parseInt(String(library), 10) < 5;
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
