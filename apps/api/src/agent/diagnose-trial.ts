/** What the curves of ended trials say, computed once and kept with the trial. */
import { CURVE_DIAGNOSIS_VERSION, curveFindings, diagnoseCurves } from '@kinetune/search';
import {
  findValidationEvaluation,
  listMeasurements,
  listUndiagnosed,
  storeDiagnosis,
  type Database,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { resolveValues } from '@kinetune/study';
import { spaceOfConfiguration } from './search-plan.ts';

/** Diagnoses an ended trial. */
export async function diagnoseTrial(db: Database, study: Study, trial: Trial): Promise<void> {
  const space = spaceOfConfiguration(study, trial.number);
  const values = resolveValues(space, trial.values);
  const measurements = await listMeasurements(db, study.id, trial.id);
  const evaluation = await findValidationEvaluation(db, trial.id);
  const confusionMatrix = evaluation?.confusionMatrix ?? null;
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
  await storeDiagnosis(db, trial.id, { ...diagnosis, findings: curveFindings(diagnosis) });
}

/** Diagnoses the trials whose process died between their end and their diagnosis, and all when the analysis has become another. */
export async function diagnoseLeft(db: Database, study: Study, stop: AbortSignal): Promise<void> {
  for (const trial of await listUndiagnosed(db, study.id, CURVE_DIAGNOSIS_VERSION)) {
    if (stop.aborted) return;
    await diagnoseTrial(db, study, trial);
  }
}
