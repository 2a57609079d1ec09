/** A study as a JSON document (`study-document.ts`), a trial at a time. */
import type { Database, Evaluation, StoredMeasurement, Study, Trial } from '@kinetune/storage';
import type { Exported } from './export-csv.ts';
import { exportedTrials } from './exported-trials.ts';
import {
  documentEvaluation,
  documentStudy,
  documentTrial,
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
} from './study-document.ts';

/** Pieces of the document: a line for the study and a line for each configuration. */
export async function* exportJson(db: Database, study: Study, what: Exported): AsyncIterable<string> {
  const head = { format: DOCUMENT_FORMAT, version: DOCUMENT_VERSION, what, study: partOf(study, documentStudy) };
  yield `${JSON.stringify(head).slice(0, -1)},\n"configurations":[`;
  let separator = '\n';
  for await (const { exported, ...configuration } of exportedTrials(db, study)) {
    const { number, values, spaceVersion, samplerNote, objective, createdAt } = configuration;
    const own =
      what === 'measurements' ? { number } : { number, values, spaceVersion, samplerNote, objective, createdAt };
    yield `${separator}${JSON.stringify(own).slice(0, -1)},"trials":[`;
    for (const [index, { trial, measurements, evaluations }] of exported.entries()) {
      const identity = { replicate: trial.replicate, seed: trial.seed, fold: trial.fold };
      const outcome = what === 'measurements' ? {} : trialPart(trial, evaluations);
      const measured = what === 'trials' ? {} : { measurements: measurements.map(measurementPart) };
      yield `${index === 0 ? '' : ','}${JSON.stringify({ ...identity, ...outcome, ...measured })}`;
    }
    yield ']}';
    separator = ',\n';
  }
  yield ']}\n';
}

function trialPart(trial: Trial, evaluations: readonly Evaluation[]): object {
  return {
    ...partOf(trial, documentTrial),
    durationMs: trial.earlierRunningMs,
    evaluations: evaluations.map((evaluation) => partOf(evaluation, documentEvaluation)),
  };
}

/** What the document has a place for; the rest belongs to the home that the study is in. */
function partOf(value: object, { shape }: { readonly shape: object }): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(shape, key)));
}

function measurementPart({ detail, ...measurement }: StoredMeasurement): object {
  return detail === null ? measurement : { ...measurement, detail };
}
