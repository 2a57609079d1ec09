/** A study as a JSON document (`study-document.ts`), a trial at a time. */
import {
  listEvaluations,
  listWithTrials,
  storedMeasurements,
  type Database,
  type Evaluation,
  type Study,
  type Trial,
} from '@kinetune/storage';
import type { Exported } from './export-csv.ts';
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
  for (const configuration of await listWithTrials(db, study.id)) {
    const { number, values, spaceVersion, samplerNote, objective, createdAt, trials } = configuration;
    const own =
      what === 'measurements' ? { number } : { number, values, spaceVersion, samplerNote, objective, createdAt };
    yield `${separator}${JSON.stringify(own).slice(0, -1)},"trials":[`;
    const evaluations =
      what === 'measurements'
        ? new Map<string, readonly Evaluation[]>()
        : await listEvaluations(
            db,
            trials.map(({ id }) => id),
          );
    for (const [index, trial] of trials.entries()) {
      const identity = { replicate: trial.replicate, seed: trial.seed, fold: trial.fold };
      const outcome = what === 'measurements' ? {} : trialPart(trial, evaluations.get(trial.id) ?? []);
      const measured = what === 'trials' ? {} : { measurements: await measurementsOf(db, trial) };
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

async function measurementsOf(db: Database, { id }: Trial): Promise<readonly object[]> {
  return (await storedMeasurements(db, id)).map(({ detail, ...measurement }) =>
    detail === null ? measurement : { ...measurement, detail },
  );
}
