/** The form of every check: a verdict, the numbers behind it, the trials behind those, and what to do next. */
import type { Domain, Values } from '@kinetune/study';

/** pass: go on. caution: read with care. fail: a conclusion would be wrong. not-known: the evidence is missing. */
export const CHECK_STATUSES = ['pass', 'caution', 'fail', 'not-known'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

export const ACTIONS = [
  'add-trials',
  'widen-space',
  'narrow-space',
  'exploit',
  'replicate',
  'equalise',
  'stabilise',
  'look-for-bug',
  'change-space',
  'train-longer',
  'train-shorter',
  'evaluate-more-often',
  'regularise',
  're-tune',
  'probe',
  'warm-up',
  'clip-gradients',
  'change-optimizer',
  'change-architecture',
  'lower-learning-rate',
  'reduce-noise',
  'adopt',
  'keep',
] as const;
export type Action = (typeof ACTIONS)[number];

/** A next study, or what to do before it. */
export interface NextStep {
  readonly action: Action;
  /** For people, in one sentence. */
  readonly text: string;
  /** New domains by full name, where the step changes the space. */
  readonly domains?: Readonly<Record<string, Domain>>;
  /** Values to hold, by leaf or full name, where the step fixes some. */
  readonly fixed?: Values;
  /** Exactly these configurations, where the step is a list of them; what they leave out stays as it is. */
  readonly configurations?: readonly Values[];
  /** How many trials to run, where the step runs some. */
  readonly trialCount?: number;
  /** Optimizer steps of each trial, where they differ from the study's. */
  readonly trainingSteps?: number;
  /** The trial that the step is about. */
  readonly trial?: number;
}

export interface Check<Verdict extends string, Numbers> {
  readonly verdict: Verdict;
  readonly status: CheckStatus;
  /** One sentence: the numbers and what they mean. */
  readonly reason: string;
  readonly numbers: Numbers;
  /** Numbers of the trials that the verdict rests on. */
  readonly trials: readonly number[];
  readonly next: NextStep | null;
}
