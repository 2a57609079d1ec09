/** Evaluations on held-out people: validation beside the measurements, test apart and logged. */
import { InputError, invariant, type EvaluationResult } from '@kinetune/study';
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
import { evaluations, trials } from './schema/index.ts';
import type { Study } from './study.ts';

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

/** A look at the test people. */
export interface TestLook extends EvaluationResult {
  readonly step: number;
  readonly reason: string;
  /** Who looked. */
  readonly by?: string;
  /** May be the study's first look alone; absent: every look is taken, and marked. */
  readonly isFirst?: boolean;
}

/**
 * Logs that the test people were looked at, why, and what came out. Every look is kept; every one after a study's first is marked
 * as contaminated.
 */
export async function recordTestEvaluation(
  db: Database,
  trialId: string,
  { step, reason, by, isFirst = false, confusionMatrix, perSubject }: TestLook,
): Promise<Evaluation> {
  const studyId = await studyOf(db, trialId);
  return changeStudy(db, studyId, async ({ db: tx, study, append }) => {
    const trial = await lockedTrial(tx, trialId);
    const [earlier] = await listTestEvaluationsOfStudy(tx, studyId);
    if (isFirst && earlier !== undefined) throw testEvaluatedBefore(study, earlier);
    const isContaminated = earlier !== undefined;
    const [row] = await tx
      .insert(evaluations)
      .values({
        trialId: trial.id,
        split: 'test',
        step,
        reason,
        evaluatedBy: by ?? null,
        isContaminated,
        confusionMatrix,
        perSubject,
      })
      .returning();
    invariant(row !== undefined, 'an inserted row is returned');
    append({ type: 'evaluation', trialId, step, detail: { split: 'test', reason, isContaminated } });
    return evaluationFromRow(row);
  });
}

/** What a second look at the test people is refused with. */
export function testEvaluatedBefore({ name }: Pick<Study, 'name'>, earlier: Evaluation): InputError {
  return new InputError(
    'test-evaluated-before',
    `expected the first look at the test people of ${name}, and they were looked at on ${earlier.evaluatedAt.toISOString()} by ${earlier.evaluatedBy ?? 'somebody'} (${earlier.reason ?? 'no reason given'}): a second one is no estimate for new people. To look all the same, force it with a reason; it is logged as contaminated`,
  );
}

/** Every look at the test people by a study's trials, oldest first. */
export async function listTestEvaluationsOfStudy(db: Database, studyId: string): Promise<readonly Evaluation[]> {
  const rows = await db
    .select({ evaluation: evaluations })
    .from(evaluations)
    .innerJoin(trials, eq(trials.id, evaluations.trialId))
    .where(and(eq(trials.studyId, studyId), eq(evaluations.split, 'test')))
    .orderBy(asc(evaluations.evaluatedAt));
  return rows.map(({ evaluation }) => evaluationFromRow(evaluation));
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

export function evaluationFromRow({ id: _, ...evaluation }: typeof evaluations.$inferSelect): Evaluation {
  return evaluation;
}
