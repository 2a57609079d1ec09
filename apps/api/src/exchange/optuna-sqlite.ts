/**
 * Optuna's RDBStorage on SQLite. Tables and what they hold: `optuna/storages/_rdb/models.py` of Optuna 5 (schema version 12).
 *
 * The file may be in use, may have changes beside it (`-wal`, `-journal`), and must not be written to: SQLite itself would leave
 * files there, or keep a study that runs from writing. So a copy in a folder of our own is read, whose changes SQLite takes in.
 */
import { constants, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '@kinetune/study';
import { parseMoment } from './moment.ts';
import { externalValue, parseDistribution, type OptunaDistribution } from './optuna-distribution.ts';
import {
  OPTUNA_DIRECTIONS,
  OPTUNA_STATES,
  type Attributes,
  type IntermediateValue,
  type OptunaParameter,
  type OptunaSource,
  type OptunaStudy,
  type OptunaTrial,
} from './optuna-source.ts';
import { OptunaReader } from './optuna-reader.ts';

/** How every SQLite database begins. */
export const SQLITE_MAGIC = 'SQLite format 3\0';

/**
 * @param scratch a folder that exists, for the copy.
 * @throws InputError for a file that is damaged, or no storage of Optuna 3 to 5.
 */
export function openOptunaSqlite(path: string, scratch: string): OptunaSource {
  using cleanup = new DisposableStack();
  const folder = mkdtempSync(join(scratch, 'import-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const reader = new OptunaReader(path, copyAside(realpathSync(path), folder));
  cleanup.defer(() => reader.close());
  reader.check();
  const studies = readStudies(reader);
  const localTimes = reader.hasLocalTimes();
  const release = cleanup.move();
  return {
    kind: 'SQLite storage',
    studies: new Map([...studies].map(([name, { study }]) => [name, study])),
    trials: async (name) => readTrials(reader, studies.get(name)?.id ?? -1, { localTimes }),
    async *intermediateValues(name) {
      yield* intermediateValues(reader, studies.get(name)?.id ?? -1);
    },
    async [Symbol.asyncDispose]() {
      release.dispose();
    },
  };
}

/** Copies a database with what belongs to it; gives the copy's path. */
function copyAside(path: string, folder: string): string {
  const copy = join(folder, 'optuna.db');
  // A study that runs writes for milliseconds at a time.
  for (let attempt = 0; attempt < 5; attempt++) {
    const parts = ['', '-wal', '-journal'].filter((suffix) =>
      statSync(path + suffix, { throwIfNoEntry: false })?.isFile(),
    );
    const before = stateOf(path, parts);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const suffix of parts) copyIfThere(path + suffix, copy + suffix);
    if (before !== undefined && stateOf(path, parts) === before) return copy;
  }
  throw new EnvironmentError(
    'file-busy',
    `${path} is written to all the time: stop the program that runs the study, or copy the file and import the copy`,
  );
}

/** Undefined where one of the files has gone meanwhile. */
function stateOf(path: string, parts: readonly string[]): string | undefined {
  const found = parts.map((suffix) => statSync(path + suffix, { bigint: true, throwIfNoEntry: false }));
  if (found.includes(undefined)) return undefined;
  return found.map((one) => `${one?.size} ${one?.mtimeNs}`).join();
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function readStudies(reader: OptunaReader): ReadonlyMap<string, { readonly id: number; readonly study: OptunaStudy }> {
  const rows = reader.rows(`
    select study_id, study_name, (select count(*) from trials where trials.study_id = studies.study_id) as trials
    from studies order by study_id`);
  return new Map(
    [...rows].map(({ study_id: id, study_name: name, trials }) => {
      const directions = reader.rows(
        'select direction from study_directions where study_id = ? order by objective',
        Number(id),
      );
      const study = {
        name: String(name),
        directions: [...directions].map(({ direction }) =>
          reader.word(OPTUNA_DIRECTIONS, direction, `the direction of the study ${String(name)}`),
        ),
        userAttributes: attributesOf(reader, 'study_user_attributes', Number(id)),
        systemAttributes: attributesOf(reader, 'study_system_attributes', Number(id)),
        trialCount: Number(trials),
      };
      return [study.name, { id: Number(id), study }];
    }),
  );
}

function attributesOf(reader: OptunaReader, table: string, studyId: number): Attributes {
  const rows = reader.rows(`select key, value_json from ${table} where study_id = ?`, studyId);
  return Object.fromEntries(
    [...rows].map(({ key, value_json: value }) => [String(key), reader.json(value, `the attribute ${String(key)}`)]),
  );
}

function readTrials(
  reader: OptunaReader,
  studyId: number,
  { localTimes }: { readonly localTimes: boolean },
): readonly OptunaTrial[] {
  const parameters = readParameters(reader, studyId);
  const values = byTrial(
    reader.rows(
      `select trial_id, objective, value, value_type from trial_values join trials using (trial_id)
       where study_id = ? order by trial_id, objective`,
      studyId,
    ),
  );
  const ofTrials = (table: string): ReadonlyMap<number, Attributes> =>
    new Map(
      [
        ...byTrial(
          reader.rows(
            `select trial_id, key, value_json from ${table} join trials using (trial_id)
             where study_id = ? order by 1`,
            studyId,
          ),
        ),
      ].map(([id, rows]) => [
        id,
        Object.fromEntries(
          rows.map(({ key, value_json: value }) => [String(key), reader.json(value, `the attribute ${String(key)}`)]),
        ),
      ]),
    );
  const userAttributes = ofTrials('trial_user_attributes');
  const systemAttributes = ofTrials('trial_system_attributes');
  const moment = (value: unknown, what: string): Date | null => momentOf(value, { reader, localTimes, what });
  const rows = reader.rows('select * from trials where study_id = ? order by number', studyId);
  return [...rows].map((row): OptunaTrial => {
    const id = Number(row.trial_id);
    const what = `trial ${String(row.number)}`;
    return {
      number: Number(row.number),
      state: reader.word(OPTUNA_STATES, row.state, `the state of ${what}`),
      values: values.get(id)?.map((value) => numberOf(reader, value.value, value.value_type)) ?? null,
      parameters: parameters.get(id) ?? new Map(),
      userAttributes: userAttributes.get(id) ?? {},
      systemAttributes: systemAttributes.get(id) ?? {},
      startedAt: moment(row.datetime_start, `the start of ${what}`),
      completedAt: moment(row.datetime_complete, `the end of ${what}`),
    };
  });
}

function readParameters(
  reader: OptunaReader,
  studyId: number,
): ReadonlyMap<number, ReadonlyMap<string, OptunaParameter>> {
  // A study has few distributions and many values.
  const known = new Map<string, OptunaDistribution>();
  const distributionOf = (text: string, name: string): OptunaDistribution => {
    const distribution = known.get(text) ?? parseDistribution(text);
    if (distribution === undefined) throw reader.damaged(`the distribution of ${name} is ${text.slice(0, 100)}`);
    known.set(text, distribution);
    return distribution;
  };
  const rows = reader.rows(
    `select trial_id, param_name, param_value, distribution_json from trial_params join trials using (trial_id)
     where study_id = ? order by trial_id, param_id`,
    studyId,
  );
  return new Map(
    [...byTrial(rows)].map(([id, own]) => [
      id,
      new Map(
        own.map((row) => {
          const name = String(row.param_name);
          const distribution = distributionOf(String(row.distribution_json), name);
          const value = externalValue(distribution, row.param_value);
          if (value === undefined) throw reader.damaged(`the value of ${name} is ${String(row.param_value)}`);
          return [name, { distribution, value }];
        }),
      ),
    ]),
  );
}

function* intermediateValues(reader: OptunaReader, studyId: number): Iterable<IntermediateValue> {
  const rows = reader.rows(
    `select number, step, intermediate_value as value, intermediate_value_type as type
     from trial_intermediate_values join trials using (trial_id)
     where study_id = ? order by trial_id, step`,
    studyId,
  );
  for (const { number, step, value, type } of rows) {
    const found = type === 'NAN' ? NaN : numberOf(reader, value, type);
    yield { number: Number(number), step: Number(step), value: Number.isFinite(found) ? found : null };
  }
}

/** Optuna keeps what is not finite as a word beside an empty value. */
function numberOf(reader: OptunaReader, value: unknown, type: unknown): number {
  if (type === 'INF_POS') return Infinity;
  if (type === 'INF_NEG') return -Infinity;
  if (type === 'FINITE' && typeof value === 'number') return value;
  throw reader.damaged(`a value is ${String(value)} of the type ${String(type)}`);
}

/** `2026-11-24 17:00:11.120000`. */
function momentOf(
  value: unknown,
  { reader, localTimes, what }: { readonly reader: OptunaReader; readonly localTimes: boolean; readonly what: string },
): Date | null {
  if (value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const moment = parseMoment(`${text.replace(' ', 'T')}${localTimes ? '' : 'Z'}`);
  if (moment === undefined) throw reader.damaged(`${what} is ${text}, not a moment`);
  return moment;
}

function byTrial<Row extends Readonly<Record<string, unknown>>>(
  rows: Iterable<Row>,
): ReadonlyMap<number, readonly Row[]> {
  return Map.groupBy(rows, (row) => Number(row.trial_id));
}
