/** Brings a study that `kinetune export --json` wrote into a home. */
import {
  findStudyByName,
  importStudy,
  type ConfigurationRecord,
  type MeasurementRecord,
  type Storage,
  type StudyImport,
  type StudyRecord,
} from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import type { z } from 'zod';
import { checkDocumentConfiguration, checkDocumentStudy } from './check-document.ts';
import { documentParts, type DocumentPart } from './document-parts.ts';
import { openExchangeFile } from './exchange-file.ts';
import { firstProblem } from './first-problem.ts';
import { importName, requireFreeName } from './import-name.ts';
import type { ImportedStudy } from './import-optuna.ts';
import { storable } from './storable.ts';
import {
  documentConfiguration,
  documentStudy,
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type DocumentConfiguration,
  type DocumentStudy,
} from './study-document.ts';

export interface ImportDocumentOptions {
  /** Name in the home; its own unless stated. */
  readonly as?: string | undefined;
  /** Whether its trainer may be a command, which whoever resumes the study starts: a file on the machine itself may name one. */
  readonly mayNameCommand?: boolean;
}

/** Trials and measurements that are written at once. */
const BATCH = 1000;

/** @throws InputError naming the file; nothing is imported then. */
export async function importDocument(
  { db }: Pick<Storage, 'db'>,
  path: string,
  { as, mayNameCommand = false }: ImportDocumentOptions,
): Promise<ImportedStudy> {
  openExchangeFile(path, 'a study that kinetune export wrote');
  const parts = documentParts(path);
  const written = await headOf(parts, path);
  const name = importName(written.name, as ?? written.name);
  await requireFreeName(db, name);
  const { trainer, from, state } = written;
  if (trainer.kind === 'command' && !mayNameCommand)
    throw new InputError(
      'command-not-allowed',
      `expected a study without a command as trainer, got ${trainer.command.join(' ')}: import it on the machine itself, with kinetune import kinetune`,
      { file: path },
    );
  const hasParent = from === null || (await findStudyByName(db, from)) !== undefined;
  const notes = [
    ...(hasParent ? [] : [`it began from the results of ${from}, which is not in this home: that is left out`]),
    ...(state === 'RUNNING' ? ['it was running, and is paused here: an import starts no training'] : []),
  ];
  const record = {
    ...written,
    name,
    from: hasParent ? from : null,
    state: state === 'RUNNING' ? 'PAUSED' : state,
  } as StudyRecord;
  let trials = 0;
  const study = await importStudy(db, record, async (change) => {
    for await (const batch of batches(parts, { path, written })) trials += await add(batch, change);
  });
  return { study, trials, notes };
}

/** Configurations with about `BATCH` trials or measurements, whichever come first. */
async function* batches(
  parts: AsyncIterable<DocumentPart>,
  { path, written }: { readonly path: string; readonly written: DocumentStudy },
): AsyncIterable<readonly DocumentConfiguration[]> {
  const numbers = new Set<number>();
  let batch: DocumentConfiguration[] = [];
  let rows = 0;
  for await (const { key, value, index } of parts) {
    if (key !== 'configurations') continue;
    const configuration = checked(documentConfiguration, value, { path, at: `configurations.${index}` });
    checkDocumentConfiguration(configuration, written, { path, numbers });
    batch.push(configuration);
    rows += configuration.trials.reduce((sum, { measurements }) => sum + 1 + measurements.length, 0);
    if (rows < BATCH) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  yield batch;
}

/** Gives the number of trials. */
async function add(batch: readonly DocumentConfiguration[], change: StudyImport): Promise<number> {
  const ids = await change.addConfigurations(batch.map(recordOf));
  const curves = batch.flatMap(({ trials }) => trials.map(({ measurements }) => measurements));
  await change.addMeasurements(
    curves.flatMap((curve, index) =>
      curve.map(({ detail, ...measurement }): MeasurementRecord => ({
        trialId: ids[index] as string,
        ...measurement,
        ...(detail === undefined ? {} : { detail }),
      })),
    ),
  );
  return ids.length;
}

function recordOf({ trials, ...configuration }: DocumentConfiguration): ConfigurationRecord {
  return {
    ...configuration,
    trials: trials.map(({ measurements: _, durationMs: earlierRunningMs, ...trial }) => ({
      ...trial,
      // Its process is elsewhere: here it waits for a turn.
      ...(trial.state === 'RUNNING' ? { state: 'QUEUED' as const } : {}),
      earlierRunningMs,
    })),
  };
}

/** Reads up to the study itself, which comes before its configurations. */
async function headOf(parts: AsyncGenerator<DocumentPart>, path: string): Promise<DocumentStudy> {
  const head = new Map<string, unknown>();
  for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
    const { key, value } = part.value;
    head.set(key, value);
    if (key === 'study' || key === 'configurations') break;
  }
  const refuse = (what: string): never => {
    throw new InputError('not-a-study', `expected a study that kinetune export wrote, but ${what}`, { file: path });
  };
  const shown = (key: string): string => (JSON.stringify(head.get(key)) ?? 'missing').slice(0, 60);
  if (head.get('format') !== DOCUMENT_FORMAT)
    return refuse(`its format is ${shown('format')} and not ${DOCUMENT_FORMAT}`);
  if (head.get('version') !== DOCUMENT_VERSION)
    return refuse(`its version is ${shown('version')}, and this one reads ${DOCUMENT_VERSION}: update Kinetune`);
  if (head.get('what') !== 'all')
    return refuse(`it holds ${shown('what')} and not "all": export the study with --what all`);
  if (!head.has('study')) return refuse('its configurations come before the study');
  const study = checked(documentStudy, head.get('study'), { path, at: 'study' });
  checkDocumentStudy(study, path);
  return study;
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { path, at }: { readonly path: string; readonly at: string },
): z.infer<Schema> {
  const found = schema.safeParse(storable(value));
  if (found.success) return found.data;
  throw new InputError('document-invalid', `${firstProblem(found.error, [at])}. Nothing was imported`, { file: path });
}
