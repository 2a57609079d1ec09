/** Evaluations on held-out people: validation beside the measurements, test apart and logged. */
import type { EvaluationResult } from '@kinetune/study';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import {
  changeTrial,
  lockedTrial,
  studyOf,
  type TrialChange,
  type TrialWriter,
  type TrialWriteRefused,
} from './change-trial.ts';
import type { Database } from './database.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluations } from './schema/index.ts';

/** Writes the validation evaluation of the trial's best step in place of an earlier one. */
export async function recordEvaluation(
  db: Database,
  writer: TrialWriter,
  { step, ...result }: EvaluationResult & { readonly step: number },
): Promise<{ readonly outcome: 'written' } | TrialWriteRefused> {
  return changeTrial(db, writer, async (change) => {
    await writeValidationEvaluation(change, step, result);
    return { outcome: 'written' };
  });
}

export async function writeValidationEvaluation(
  { db, trial, append }: TrialChange,
  step: number,
  { confusionMatrix, perSubject }: EvaluationResult,
): Promise<void> {
  await db
    .insert(evaluations)
    .values({ trialId: trial.id, split: 'validation', step, confusionMatrix, perSubject })
    .onConflictDoUpdate({
      target: evaluations.trialId,
      targetWhere: sql`split = 'validation'`,
      set: { step, confusionMatrix, perSubject, evaluatedAt: sql`now()` },
    });
  append({ type: 'evaluation', trialId: trial.id, step, detail: { split: 'validation' } });
}

/** Logs that the test people were looked at, why, and what came out. Every look is kept. */
export async function recordTestEvaluation(
  db: Database,
  trialId: string,
  { step, reason, confusionMatrix, perSubject }: EvaluationResult & { readonly step: number; readonly reason: string },
): Promise<void> {
  await changeStudy(db, await studyOf(db, trialId), async ({ db: tx, append }) => {
    const trial = await lockedTrial(tx, trialId);
    await tx
      .insert(evaluations)
      .values({ trialId: trial.id, split: 'test', step, reason, confusionMatrix, perSubject });
    append({ type: 'evaluation', trialId, step, detail: { split: 'test', reason } });
  });
}

export async function findValidationEvaluation(db: Database, trialId: string): Promise<Evaluation | undefined> {
  const [row] = await db
    .select()
    .from(evaluations)
    .where(and(eq(evaluations.trialId, trialId), eq(evaluations.split, 'validation')));
  return row && evaluationFromRow(row);
}

/** The same of many trials, by trial; one that has none is missing. */
export async function findValidationEvaluations(
  db: Database,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, Evaluation>> {
  if (trialIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(evaluations)
    .where(and(inArray(evaluations.trialId, [...trialIds]), eq(evaluations.split, 'validation')));
  return new Map(rows.map((row) => [row.trialId, evaluationFromRow(row)]));
}

/** Every look at the test people by this trial, oldest first. */
export async function listTestEvaluations(db: Database, trialId: string): Promise<readonly Evaluation[]> {
  const rows = await db
    .select()
    .from(evaluations)
    .where(and(eq(evaluations.trialId, trialId), eq(evaluations.split, 'test')))
    .orderBy(asc(evaluations.evaluatedAt));
  return rows.map(evaluationFromRow);
}

function evaluationFromRow({ id: _, ...evaluation }: typeof evaluations.$inferSelect): Evaluation {
  return evaluation;
}
