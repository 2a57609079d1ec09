/**
 * Five questions before a study may be believed (Deep Learning Tuning Playbook, "Extracting insight from experimental results";
 * practice 45). A question that is not answered well locks the study's conclusion; a person can override it with a reason, which
 * stays with the conclusion.
 */
import { InputError } from '@kinetune/study';
import type { BestOfK } from './best-of-k.ts';
import type { BestSteps } from './best-steps.ts';
import type { Boundary } from './boundaries.ts';
import type { CheckStatus, NextStep } from './check.ts';
import type { GoodRegion } from './good-region.ts';
import type { InfeasibleRegion } from './infeasible-region.ts';
import { showList } from './wording.ts';

export const QUESTION_IDS = [
  'space-large-enough',
  'enough-points',
  'infeasible-share',
  'optimisation',
  'curves',
] as const;
export type QuestionId = (typeof QUESTION_IDS)[number];

export const QUESTIONS: Readonly<Record<QuestionId, string>> = {
  'space-large-enough': 'Is the search space large enough?',
  'enough-points': 'Were enough points sampled?',
  'infeasible-share': 'Is the share of infeasible trials small?',
  optimisation: 'Does the model train without optimisation problems?',
  curves: 'What do the training curves of the best trials say?',
};

export const CHECKLIST_THRESHOLDS = {
  /** Answers that lock the conclusion. A best point near an edge by itself is chance too often to be one of them. */
  locks: ['caution', 'fail', 'not-known'] as readonly CheckStatus[],
  /** Of how many of the best trials the curves must have been looked at. */
  bestCurves: 3,
} as const;

/** What was found in one trial's curves. The diagnosis itself is not the checklist's business. */
export interface CurveFinding {
  readonly trial: number;
  readonly status: CheckStatus;
  /** `overfitting`, `spikes-early`, `healthy` and so on. */
  readonly label: string;
  readonly reason: string;
  /** About instability, divergence or a collapse: an answer to the fourth question, not to the fifth. */
  readonly isOptimisation: boolean;
  readonly next?: NextStep | null;
}

export interface ChecklistEvidence {
  readonly boundaries: readonly Boundary[];
  readonly goodRegion: GoodRegion;
  readonly bestOfK: BestOfK;
  readonly infeasible: InfeasibleRegion;
  /** Of the best few trials at least, healthy ones too; null where nobody looked. A trial may have several. */
  readonly curves: readonly CurveFinding[] | null;
  readonly bestSteps: BestSteps;
}

export interface Override {
  readonly question: QuestionId;
  /** Why the conclusion holds all the same. */
  readonly reason: string;
  readonly by?: string;
  /** When it was overridden, in ISO 8601. */
  readonly at?: string;
}

/** One check's part of an answer. */
export interface AnswerPart {
  readonly check: string;
  readonly verdict: string;
  readonly status: CheckStatus;
  readonly reason: string;
  readonly trials: readonly number[];
  readonly next: NextStep | null;
}

export interface Answer {
  readonly id: QuestionId;
  readonly question: string;
  /** The gravest of its parts. */
  readonly status: CheckStatus;
  readonly parts: readonly AnswerPart[];
  readonly override: Override | null;
  readonly isLocking: boolean;
}

export interface Checklist {
  readonly answers: readonly Answer[];
  readonly isLocked: boolean;
  readonly lockedBy: readonly QuestionId[];
  /** What is proposed by the questions that lock, the first question's first, each text once. */
  readonly next: readonly NextStep[];
}

export interface ChecklistOptions {
  readonly overrides?: readonly Override[];
  readonly thresholds?: Partial<{ readonly locks: readonly CheckStatus[]; readonly bestCurves: number }>;
}

/** @throws InputError for an override without a reason. */
export function checklist(
  evidence: ChecklistEvidence,
  { overrides = [], thresholds }: ChecklistOptions = {},
): Checklist {
  const { locks, bestCurves } = { ...CHECKLIST_THRESHOLDS, ...thresholds };
  for (const { question, reason } of overrides) {
    if (reason.trim() === '')
      throw new InputError(
        'override-without-reason',
        `overriding "${QUESTIONS[question]}": expected a reason, got none`,
      );
  }
  const parts = partsOf(evidence, bestCurves);
  const answers = QUESTION_IDS.map((id): Answer => {
    const status = gravest(parts[id]);
    const override = overrides.find(({ question }) => question === id) ?? null;
    const isLocking = locks.includes(status) && override === null;
    return { id, question: QUESTIONS[id], status, parts: parts[id], override, isLocking };
  });
  const locking = answers.filter(({ isLocking }) => isLocking);
  const steps = locking.flatMap((answer) =>
    answer.parts.flatMap(({ next, status }) => (next !== null && locks.includes(status) ? [next] : [])),
  );
  return {
    answers,
    isLocked: locking.length > 0,
    lockedBy: locking.map(({ id }) => id),
    next: steps.filter((step, i) => steps.findIndex(({ text }) => text === step.text) === i),
  };
}

const GRAVITY: readonly CheckStatus[] = ['fail', 'not-known', 'caution', 'pass'];

function gravest(parts: readonly AnswerPart[]): CheckStatus {
  return GRAVITY.find((status) => parts.some((part) => part.status === status)) ?? 'not-known';
}

function partsOf(evidence: ChecklistEvidence, bestCurves: number): Readonly<Record<QuestionId, readonly AnswerPart[]>> {
  const { goodRegion, bestOfK, infeasible, bestSteps } = evidence;
  const best = bestOfK.trials.slice(0, bestCurves);
  const unseen = best.filter((number) => evidence.curves?.some(({ trial }) => trial === number) !== true);
  const curves = best.length === 0 || unseen.length > 0 ? null : evidence.curves;
  const edges = evidence.boundaries.map(ofBoundary);
  const optimisation = (curves ?? []).filter(({ isOptimisation }) => isOptimisation);
  const others = (curves ?? []).filter(({ isOptimisation }) => !isOptimisation);
  const notLooked: AnswerPart = {
    check: 'curves',
    verdict: 'not-looked-at',
    status: 'not-known',
    reason:
      best.length === 0
        ? 'no trial has a value: there are no curves of the best'
        : `the training curves of ${showList(unseen.map(String))}, among the ${best.length} best trials, were not looked at`,
    trials: unseen,
    next: null,
  };
  const unstable = evidence.boundaries.filter(({ verdict }) => verdict === 'edge-of-stability').map(ofStability);
  return {
    'space-large-enough':
      edges.length > 0
        ? edges
        : [
            {
              check: 'boundaries',
              verdict: 'no-ranges',
              status: 'pass',
              reason: 'no range was searched: choices have no edges',
              trials: [],
              next: null,
            },
          ],
    'enough-points': [ofCheck('good region', goodRegion), ofCheck('best of k', bestOfK)],
    'infeasible-share': [ofCheck('infeasible region', infeasible)],
    optimisation: [
      ...unstable,
      ...(curves === null ? [notLooked] : ofCurves(optimisation, 'no optimisation problem in the curves looked at')),
    ],
    curves: [
      ...(curves === null ? [notLooked] : ofCurves(others, 'nothing but healthy curves among those looked at')),
      ofCheck('best steps', bestSteps),
    ],
  };
}

function ofCheck(check: string, { verdict, status, reason, trials, next }: Omit<AnswerPart, 'check'>): AnswerPart {
  return { check, verdict, status, reason, trials, next };
}

const BOUNDARY_STATUS: Readonly<Record<Boundary['verdict'], CheckStatus>> = {
  inside: 'pass',
  // By chance one best point in five is that near to an edge: said, not locked.
  watch: 'pass',
  'at-edge': 'fail',
  // The range is wide enough; whether training can be made stable is the fourth question.
  'edge-of-stability': 'pass',
  'too-few': 'not-known',
};

function ofBoundary({ name, verdict, reason, nearEdge, topTrials, evidence, next }: Boundary): AnswerPart {
  // The edge of what is legal cannot be widened: nothing is left to answer.
  const status = verdict === 'at-edge' && next === null ? 'pass' : BOUNDARY_STATUS[verdict];
  return {
    check: `boundaries of ${name}`,
    verdict,
    status: status === 'pass' && evidence === 'weak' ? 'caution' : status,
    reason,
    trials: nearEdge.length > 0 ? nearEdge : topTrials,
    next: status === 'pass' ? null : next,
  };
}

function ofStability({ name, reason, infeasibleBeyond, next }: Boundary): AnswerPart {
  return {
    check: `stability along ${name}`,
    verdict: 'edge-of-stability',
    status: 'caution',
    reason,
    trials: infeasibleBeyond,
    next,
  };
}

/** Findings of the same label join; an empty list is `healthy`. */
function ofCurves(findings: readonly CurveFinding[], healthy: string): readonly AnswerPart[] {
  if (findings.length === 0)
    return [{ check: 'curves', verdict: 'healthy', status: 'pass', reason: healthy, trials: [], next: null }];
  const labels = [...new Set(findings.map(({ label }) => label))];
  return labels.map((label) => {
    const alike = findings.filter((finding) => finding.label === label);
    const first = alike[0] as CurveFinding;
    const trials = alike.map(({ trial }) => trial);
    return {
      check: 'curves',
      verdict: label,
      status: GRAVITY.find((status) => alike.some((finding) => finding.status === status)) ?? 'not-known',
      reason: trials.length === 1 ? first.reason : `${trials.length} trials, as trial ${first.trial}: ${first.reason}`,
      trials,
      next: first.next ?? null,
    };
  });
}
