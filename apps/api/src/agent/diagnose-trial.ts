/** What the curves of ended trials say, computed once and kept with the trial. */
import { CURVE_DIAGNOSIS_VERSION, curveFindings, diagnoseCurves } from '@kinetune/search';
import {
  listUndiagnosed,
  storeDiagnoses,
  type Database,
  type Diagnosis,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { resolveValues, type Measurement } from '@kinetune/study';
import { readRecords, type TrialRecord } from './read-records.ts';
import { spaceOfConfiguration } from './search-plan.ts';

/** Diagnoses ended trials of a study. */
export async function diagnoseTrials(db: Database, study: Study, trials: readonly Trial[]): Promise<void> {
  const records = await readRecords(db, study, trials);
  const diagnoses = trials.map((trial, index) => ({
    trialId: trial.id,
    diagnosis: diagnosisOf(study, trial, records[index] as TrialRecord),
  }));
  await storeDiagnoses(db, study.id, diagnoses);
}

function measurementsOf({ curve: { steps, epochs, values }, details }: TrialRecord): readonly Measurement[] {
  return steps.map((step, at) => ({
    step,
    epoch: epochs[at] as number,
    values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column[at] ?? null])),
    ...(details[at] ? { detail: details[at] } : {}),
  }));
}

function diagnosisOf(study: Study, trial: Trial, record: TrialRecord): Diagnosis {
  const measurements = measurementsOf(record);
  const confusionMatrix = record.evaluation?.confusionMatrix ?? null;
  const space = spaceOfConfiguration(study, trial.number);
  const values = resolveValues(space, trial.values);
  const diagnosis = diagnoseCurves(
    {
      number: trial.number,
      state: trial.state,
      measurements,
      totalEpochs: trial.totalEpochs,
      warmupEpochs: typeof values.warmupEpochs === 'number' ? values.warmupEpochs : null,
      // Between measurements a trainer says that a loss was not finite in words alone: the last one is where it still was.
      divergedAtEpoch: trial.reasonCode === 'diverged' ? (measurements.at(-1)?.epoch ?? 0) : null,
      confusionMatrix,
      validationCount: confusionMatrix?.flat().reduce((sum, count) => sum + count, 0) ?? null,
      classCount: confusionMatrix?.length ?? null,
    },
    {
      values,
      hyperparameters: [
        ...space.hyperparameters.map(({ name, kind, role }) => ({ name, kind, role })),
        ...space.fixed.map(({ name, kind }) => ({ name, kind, role: 'fixed' as const })),
      ],
    },
  );
  return { ...diagnosis, findings: curveFindings(diagnosis) };
}

/** Of an import of 100,000 trials one at a time would be as many transactions, all at once as many curves in memory. */
const TRIALS_AT_ONCE = 100;

export interface DiagnoseOptions {
  readonly stop: AbortSignal;
  /** Looks at trials that changed after this sequence of the study's alone: the others were looked at. */
  readonly changedAfter?: number | undefined;
}

/** Diagnoses the trials whose process died between their end and their diagnosis, and all when the analysis has become another. */
export async function diagnoseLeft(db: Database, study: Study, { stop, changedAfter }: DiagnoseOptions): Promise<void> {
  const left = await listUndiagnosed(db, study.id, { version: CURVE_DIAGNOSIS_VERSION, changedAfter });
  for (let from = 0; from < left.length && !stop.aborted; from += TRIALS_AT_ONCE)
    await diagnoseTrials(db, study, left.slice(from, from + TRIALS_AT_ONCE));
}
