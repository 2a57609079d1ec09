/** What a person says of a study: a question that is passed over, what was learned, what is adopted. */
import { QUESTION_IDS, QUESTIONS, rankTrials, type QuestionId, type RoundReport } from '@kinetune/search';
import {
  listConfigurations,
  recordLaunch,
  setOverride,
  setStudyWords,
  type Configuration,
  type Database,
  type Launch,
  type LaunchDecision,
  type Study,
} from '@kinetune/storage';
import { didYouMean, InputError } from '@kinetune/study';
import { gatherReport, readEvidence } from '../report/gather-report.ts';

export interface QuestionOverride {
  readonly question: string;
  readonly reason: string;
  /** Who says so. */
  readonly by: string;
  readonly at: Date;
}

/**
 * Passes over a question before believing a result. Its answer is the analysis's own; a person can only say why the result holds
 * all the same.
 * @throws InputError for a question that there is not, and without a reason.
 */
export async function overrideQuestion(
  db: Database,
  study: Study,
  { question, reason, by, at }: QuestionOverride,
): Promise<{ readonly study: Study; readonly report: RoundReport }> {
  if (!isQuestion(question)) {
    throw fieldRefusal(
      'unknown-question',
      'question',
      `expected one of ${QUESTION_IDS.join(', ')}, got ${question}.${didYouMean(question, QUESTION_IDS)}`,
    );
  }
  if (reason.trim() === '')
    throw fieldRefusal(
      'override-without-reason',
      'reason',
      `"${QUESTIONS[question]}" is passed over for a reason alone, got none`,
    );
  const changed = await setOverride(db, study.id, { question, reason: reason.trim(), by, at: at.toISOString() });
  return { study: changed, report: await gatherReport(db, changed) };
}

function isQuestion(text: string): text is QuestionId {
  return (QUESTION_IDS as readonly string[]).includes(text);
}

/** Writes down what was learned, in place of an earlier conclusion. @throws InputError while a question is open. */
export async function concludeStudy(
  db: Database,
  study: Study,
  conclusion: string,
): Promise<{ readonly study: Study; readonly report: RoundReport }> {
  if (conclusion.trim() === '')
    throw fieldRefusal('conclusion-empty', 'conclusion', 'expected what was learned, got nothing');
  const report = await gatherReport(db, study);
  requireOpen(study, report);
  return { study: await setStudyWords(db, study.id, { conclusion: conclusion.trim() }), report };
}

/** @throws InputError while a question before believing the study's result is open. */
export function requireOpen({ name }: Study, { checklist }: RoundReport): void {
  if (!checklist.isLocked) return;
  const open = checklist.answers
    .filter(({ isLocking }) => isLocking)
    .map(({ id, question, parts }) => `\n  ${id}: ${question} ${parts.map(({ reason }) => reason).join('; ')}`);
  throw new InputError(
    'conclusion-locked',
    `the conclusion of ${name} is locked: expected every question before believing it to be answered, and open are${open.join('')}\nAnswer them (kinetune report ${name} says how), or pass over each with a reason: kinetune study override ${name} --question <id> --reason <text>`,
  );
}

export interface AdoptionRequest {
  readonly decision: LaunchDecision;
  /** The candidate's number in the study. */
  readonly number: number;
  /** Number of what was in use, in the same study; the present launch's configuration is not looked up. */
  readonly baseline: number | undefined;
  readonly reason: string;
  readonly by: string;
}

/**
 * Enters into the ledger that a configuration replaces another, or does not, with the analysis as it stands.
 * @throws InputError while a question is open, for a candidate that did not complete, and without a reason.
 */
export async function decideAdoption(
  db: Database,
  study: Study,
  { decision, number, baseline, reason, by }: AdoptionRequest,
): Promise<Launch> {
  if (reason.trim() === '')
    throw fieldRefusal('decision-without-reason', 'reason', 'expected why it was decided so, got nothing');
  const evidence = await readEvidence(db, study);
  const ranked = rankTrials(evidence.configurations, study.objective.direction);
  const completed = ranked.map((one) => one.number);
  for (const [field, wanted] of [
    ['number', number],
    ['baseline', baseline],
  ] as const) {
    if (wanted !== undefined && !completed.includes(wanted))
      throw fieldRefusal(
        'not-completed',
        field,
        `expected the number of a completed configuration of ${study.name} (${completed.slice(0, 20).join(', ') || 'there is none'}), got ${wanted}`,
      );
  }
  const report = await gatherReport(db, study, { baseline, evidence });
  requireOpen(study, report);
  const configurations = await listConfigurations(db, study.id);
  const idOf = (wanted: number): string => (configurations.find((one) => one.number === wanted) as Configuration).id;
  const rank = completed.indexOf(number);
  return recordLaunch(db, study.id, {
    configurationId: idOf(number),
    baselineId: baseline === undefined ? null : idOf(baseline),
    decision,
    reason: reason.trim(),
    decidedBy: by,
    evidence: {
      metric: study.objective.metric,
      objective: ranked[rank]?.bestValue ?? null,
      rank: rank + 1,
      of: ranked.length,
      adoption: report.adoption,
      checklist: report.checklist,
      caveats: report.caveats,
    },
  });
}

function fieldRefusal(code: string, field: string, message: string): InputError {
  return new InputError(code, message, { problems: [{ field: [field], message }] });
}
