import {
  findValidationEvaluations,
  readCurves,
  readDetails,
  type Curve,
  type Database,
  type Evaluation,
  type Study,
} from '@kinetune/storage';
import type { EpochDetail } from '@kinetune/study';

/** All that a trial measured. */
export interface TrialRecord {
  readonly curve: Curve;
  /** Of each measurement; empty where none had any. */
  readonly details: readonly (EpochDetail | null)[];
  /** On the validation people. */
  readonly evaluation: Evaluation | undefined;
}

/** Whole curves, details and evaluations of trials of a study, in their order. */
export async function readRecords(
  db: Database,
  study: Study,
  trials: readonly { readonly id: string }[],
): Promise<readonly TrialRecord[]> {
  const trialIds = trials.map(({ id }) => id);
  const metrics = study.metrics.map(({ name }) => name);
  const [curves, details, evaluations] = await Promise.all([
    readCurves(db, study.id, { trialIds, metrics }),
    readDetails(db, trialIds),
    findValidationEvaluations(db, trialIds),
  ]);
  return trialIds.map((id, index) => ({
    curve: curves[index] as Curve,
    details: details.get(id) ?? [],
    evaluation: evaluations.get(id),
  }));
}
