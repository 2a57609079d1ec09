/** Brings a study that `kinetune export --json` wrote into a home. */
import { createReadStream } from 'node:fs';
import {
  findStudyByName,
  importStudy,
  type ConfigurationRecord,
  type Storage,
  type StudyRecord,
} from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { JSONParser } from '@streamparser/json';
import type { z } from 'zod';
import { openExchangeFile } from './exchange-file.ts';
import { importName, requireFreeName } from './import-name.ts';
import type { ImportedStudy } from './import-optuna.ts';
import { storable } from './storable.ts';
import {
  documentConfiguration,
  documentStudy,
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type DocumentConfiguration,
  type DocumentTrial,
} from './study-document.ts';

/** @throws InputError naming the file; nothing is imported then. */
export async function importDocument(
  { db }: Storage,
  path: string,
  { as }: { readonly as?: string | undefined },
): Promise<ImportedStudy> {
  openExchangeFile(path, 'a study that kinetune export wrote');
  const parts = documentParts(path);
  const written = await headOf(parts, path);
  const name = as === undefined ? written.name : importName(written.name, as);
  await requireFreeName(db, importName(name, name));
  const notes: string[] = [];
  const hasParent = written.from === null || (await findStudyByName(db, written.from)) !== undefined;
  if (!hasParent)
    notes.push(`it began from the results of ${written.from}, which is not in this home: that is left out`);
  let trials = 0;
  const record = { ...written, name, from: hasParent ? written.from : null } as StudyRecord;
  const numbers = new Set<number>();
  const study = await importStudy(db, record, async ({ addConfigurations, addMeasurements }) => {
    for await (const part of parts) {
      if (part.key !== 'configurations') continue;
      const configuration = checked(documentConfiguration, part.value, { path, at: `configurations[${part.index}]` });
      requireWhole(configuration, written, { path, numbers });
      const ids = await addConfigurations([recordOf(configuration)]);
      for (const [index, { measurements }] of configuration.trials.entries()) {
        const trialId = ids[index] as string;
        await addMeasurements(
          measurements.map(({ detail, ...one }) => ({ trialId, ...one, ...(detail === undefined ? {} : { detail }) })),
        );
      }
      trials += configuration.trials.length;
    }
  });
  return { study, trials, notes };
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

interface Where {
  readonly path: string;
  readonly numbers: Set<number>;
}

/** What the types of single values do not say. */
function requireWhole(
  { number, trials }: DocumentConfiguration,
  { metrics }: z.infer<typeof documentStudy>,
  { path, numbers }: Where,
): void {
  const refuse = (what: string): never => {
    throw new InputError('document-invalid', `configuration ${number}: ${what}. Nothing was imported`, { file: path });
  };
  if (numbers.has(number)) refuse('expected numbers that come once, got it twice');
  numbers.add(number);
  if (new Set(trials.map(({ replicate }) => replicate)).size !== trials.length)
    refuse('expected trials with a replicate of their own, got one twice');
  for (const trial of trials) {
    const isOver = trial.state !== 'QUEUED' && trial.state !== 'RUNNING';
    if (isOver !== (trial.finishedAt !== null))
      refuse(
        `expected a finishedAt for an ended trial and null for another, got ${trial.state} with ${String(trial.finishedAt)}`,
      );
    requireCurve(trial, metrics.length, refuse);
    if (trial.evaluations.filter(({ split }) => split === 'validation').length > 1)
      refuse('expected one validation evaluation of a trial, got several');
    if (trial.evaluations.some(({ split, reason }) => split === 'test' && reason === null))
      refuse('expected a reason for each test evaluation, got null');
  }
}

function requireCurve({ measurements }: DocumentTrial, metricCount: number, refuse: (what: string) => never): void {
  let last = -1;
  for (const { step, values } of measurements) {
    if (step <= last) refuse(`expected measurements by step, got ${step} after ${last}`);
    last = step;
    if (values.length !== metricCount) refuse(`expected ${metricCount} values in a measurement, got ${values.length}`);
  }
}

interface Part {
  readonly key: string;
  /** Position, for a member of `configurations`. */
  readonly index: number;
  readonly value: unknown;
}

/** The members of the document one after the other, and those of `configurations` each by itself. */
async function* documentParts(path: string): AsyncGenerator<Part> {
  const found: Part[] = [];
  const parser = new JSONParser({
    paths: ['$.format', '$.version', '$.what', '$.study', '$.configurations.*'],
    keepStack: false,
  });
  parser.onValue = ({ key, value, stack }) => {
    const isConfiguration = stack.length > 1;
    found.push({ key: isConfiguration ? 'configurations' : String(key), index: Number(key), value });
  };
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      parser.write(bytes as Buffer);
      yield* found.splice(0);
    }
    if (!parser.isEnded) throw new Error('it ends in the middle');
  } catch (error) {
    if (error instanceof InputError || (error instanceof Error && 'code' in error)) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new InputError(
      'document-syntax',
      `expected the JSON that kinetune export --json wrote, but it is damaged or cut short: ${what.slice(0, 200)}. Nothing was imported; export it again`,
      { file: path },
    );
  }
}

/** Reads up to the study itself, which comes before its configurations. */
async function headOf(parts: AsyncGenerator<Part>, path: string): Promise<z.infer<typeof documentStudy>> {
  const head = new Map<string, unknown>();
  for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
    const { key, value } = part.value;
    head.set(key, value);
    if (key === 'study' || key === 'configurations') break;
  }
  const refuse = (what: string): never => {
    throw new InputError('not-a-study', `expected a study that kinetune export wrote, but ${what}`, { file: path });
  };
  if (head.get('format') !== DOCUMENT_FORMAT)
    return refuse(`its format is ${JSON.stringify(head.get('format') ?? null)} and not ${DOCUMENT_FORMAT}`);
  if (head.get('version') !== DOCUMENT_VERSION)
    return refuse(
      `its version is ${String(head.get('version'))}, and this one reads ${DOCUMENT_VERSION}: update Kinetune`,
    );
  if (head.get('what') !== 'all')
    return refuse(`it holds ${String(head.get('what'))} alone: export the study with --what all`);
  if (!head.has('study')) return refuse('its configurations come before the study');
  return checked(documentStudy, head.get('study'), { path, at: 'study' });
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { path, at }: { readonly path: string; readonly at: string },
): z.infer<Schema> {
  const found = schema.safeParse(storable(value));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new InputError(
    'document-invalid',
    `${[at, ...(issue?.path ?? [])].map(String).join('.')}: ${issue?.message ?? 'is not as expected'}. Nothing was imported`,
    { file: path },
  );
}
