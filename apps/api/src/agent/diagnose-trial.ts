/** What the curves of ended trials say, computed once and kept with the trial. */
import { CURVE_DIAGNOSIS_VERSION, curveFindings, diagnoseCurves } from '@kinetune/search';
import {
  findValidationEvaluations,
  listUndiagnosed,
  readCurves,
  readDetails,
  storeDiagnoses,
  type Curve,
  type Database,
  type Diagnosis,
  type Evaluation,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { resolveValues, type EpochDetail, type Measurement } from '@kinetune/study';
import { spaceOfConfiguration } from './search-plan.ts';

/** Diagnoses ended trials of a study. */
export async function diagnoseTrials(db: Database, study: Study, trials: readonly Trial[]): Promise<void> {
  const trialIds = trials.map(({ id }) => id);
  const metrics = study.metrics.map(({ name }) => name);
  const [curves, details, evaluations] = await Promise.all([
    readCurves(db, study.id, { trialIds, metrics }),
    readDetails(db, trialIds),
    findValidationEvaluations(db, trialIds),
  ]);
  const diagnoses = trials.map((trial, index) => {
    const measurements = measurementsOf(curves[index] as Curve, details.get(trial.id) ?? []);
    const confusionMatrix = evaluations.get(trial.id)?.confusionMatrix ?? null;
    return { trialId: trial.id, diagnosis: diagnosisOf(study, trial, { measurements, confusionMatrix }) };
  });
  await storeDiagnoses(db, study.id, diagnoses);
}

function measurementsOf(
  { steps, epochs, values }: Curve,
  details: readonly (EpochDetail | null)[],
): readonly Measurement[] {
  return steps.map((step, at) => ({
    step,
    epoch: epochs[at] as number,
    values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column[at] ?? null])),
    ...(details[at] ? { detail: details[at] } : {}),
  }));
}

interface Measured {
  readonly measurements: readonly Measurement[];
  readonly confusionMatrix: Evaluation['confusionMatrix'] | null;
}

function diagnosisOf(study: Study, trial: Trial, { measurements, confusionMatrix }: Measured): Diagnosis {
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
