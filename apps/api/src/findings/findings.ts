/** What a study found, as a plain JSON value: printed for people, and as it is with --json. */
import type { Boundary, CheckStatus, NextStep, QuestionId, Region } from '@kinetune/search';
import type { Kind, Objective, Role, TrialState, Values } from '@kinetune/study';
import type { Baseline, DataSummary } from '../studies/data-summary.ts';

export interface FoundTrial {
  /** The trial's number, from 0. */
  readonly trial: number;
  /** The objective's metric at the best step; the mean over the configuration's completed trials. */
  readonly value: number;
  /** Of each completed trial: other seeds, other folds. What follows is of the first. */
  readonly values: readonly number[];
  readonly bestStep: number | null;
  readonly bestEpoch: number | null;
  readonly totalEpochs: number | null;
  readonly weightCount: number | null;
  readonly durationMs: number;
  /** Every declared metric at the best step; at the last one for a control, where choosing a step would be choosing luck. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly configuration: Values;
}

/** Losses of the best trial over its epochs; null where a loss was not finite. */
export interface FoundCurve {
  readonly trial: number;
  readonly epochs: readonly number[];
  readonly trainLoss: readonly (number | null)[];
  readonly validationLoss: readonly (number | null)[];
}

/** How the best trial did on one class or person of the validation part. */
export interface FoundShare {
  readonly name: string;
  readonly correct: number;
  readonly count: number;
}

/** One hyperparameter: what was searched, where values were high, and whether the range was wide enough. */
export interface FoundHyperparameter {
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  /** In few words. */
  readonly domain: string;
  readonly region: Region;
  /** Null for a categorical one: a list of choices has no edges. */
  readonly boundary: Boundary | null;
}

export interface FoundControl {
  /** Mean over completed trials at their last epoch, and of the majority class; shares in 0 ... 1. */
  readonly meanAccuracy: number;
  readonly majorityAccuracy: number;
  readonly trials: number;
  /** At most three points above the majority class. */
  readonly isPassed: boolean;
}

/** One of the five questions before a result is believed. */
export interface FoundAnswer {
  readonly id: QuestionId;
  readonly question: string;
  readonly status: CheckStatus;
  /** What its gravest checks say. */
  readonly reasons: readonly string[];
  /** Whether the study's conclusion waits for it. */
  readonly isLocking: boolean;
  readonly override: string | null;
}

export interface FoundSecondPhase {
  readonly trials: number;
  readonly hasBegun: boolean;
  /** Why it would be refused at present; null where it has begun, or may. */
  readonly refusal: string | null;
}

export interface FoundStudy {
  readonly name: string;
  readonly goal: string;
  readonly model: string;
  readonly state: string;
  readonly seed: number;
  readonly sampler: string;
  readonly budgetTrials: number;
  /** Exploiting after exploring: configurations besides `budgetTrials`; null where the study has one phase. */
  readonly secondPhase: FoundSecondPhase | null;
  readonly objective: Objective;
  /** Names of the metrics that its trainer measures. */
  readonly metrics: readonly string[];
  /** Whether the trainer is ours, whose labels can be permuted for a control. */
  readonly isBuiltIn: boolean;
  /** False for a study that was imported, which is read alone. */
  readonly isTrainable: boolean;
  /** True where labels were permuted: it must not learn. */
  readonly isControl: boolean;
}

export interface Findings {
  readonly study: FoundStudy;
  readonly data: DataSummary | null;
  readonly trials: Readonly<Record<TrialState, number>>;
  readonly baselines: readonly Baseline[];
  /** For a control: whether it learnt nothing, as it must. */
  readonly control: FoundControl | null;
  /** Best first, at most five. */
  readonly best: readonly FoundTrial[];
  readonly curve: FoundCurve | null;
  readonly classes: readonly FoundShare[];
  readonly people: readonly FoundShare[];
  readonly hyperparameters: readonly FoundHyperparameter[];
  /** The report's five questions; none for a control. */
  readonly answers: readonly FoundAnswer[];
  /** What the report proposes. */
  readonly proposals: readonly NextStep[];
  readonly infeasible: readonly { readonly trial: number; readonly code: string; readonly reason: string }[];
  readonly failed: readonly { readonly trial: number; readonly reason: string }[];
  /** What a reader must not conclude. */
  readonly notEstablished: readonly string[];
  /** Commands to go on with. */
  readonly next: readonly { readonly what: string; readonly command: string }[];
}
