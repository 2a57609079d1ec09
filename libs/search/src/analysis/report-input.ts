/** What a round's report is made of. Only `study` and `trials` are needed: a check whose evidence is left out says `not-known`. */
import type { Direction, Metric, Phase, Space, Values } from '@kinetune/study';
import type { PrunerReplay } from '../pruners/pruner-replay.ts';
import type { AdoptionCard } from './adoption-card.ts';
import type { SteppedTrial } from './best-steps.ts';
import type { BoundaryOptions } from './boundaries.ts';
import type { CurveFinding, Override } from './checklist.ts';
import type { MeasuredCurve, StoredEvaluation } from './measured-curve.ts';
import type { ReportThresholds } from './report-thresholds.ts';
import type { SeededTrial } from './schedule-comparison.ts';
import type { VarianceEvidence } from './variance-sources.ts';

export interface ReportStudy {
  readonly name: string;
  readonly goal: string;
  readonly phase: Phase;
  /** The objective's metric. */
  readonly metric: string;
  readonly direction: Direction;
  readonly space: Space;
  /** For people: the sampler's name. */
  readonly sampler: string;
  /** Whether trials were proposed by looking at results (TPE, GP). */
  readonly isAdaptive: boolean;
  /** The pruner's kind, `none` without one. Left out where not known. */
  readonly pruner?: string;
  /** Whether trials may end before their last epoch by a rule of their own. Left out where not known. */
  readonly hasEarlyStopping?: boolean;
  /** Trials at once. */
  readonly parallelism?: number;
  /** What the study measures; the built-in trainer's metrics unless stated. */
  readonly metrics?: readonly Metric[];
  /** Values of the model's and the trainer's hyperparameters that the space does not name, by leaf name. */
  readonly defaults?: Values;
}

export interface ReportInput {
  readonly study: ReportStudy;
  /** One a configuration; replicates and folds belong to `variance`. Values of the space alone, by full name. */
  readonly trials: readonly SteppedTrial[];
  /** What was found in curves, of the best trials at least, healthy ones too; null or left out where nobody looked. */
  readonly curves?: readonly CurveFinding[] | null;
  /**
   * The curves themselves, one a configuration (its first trial where it has several), by the configuration's number: every metric of
   * the study, `learningRate` too, and the detail inside epochs.
   */
  readonly measured?: readonly MeasuredCurve[];
  /** The validation windows at the best step, one a configuration. */
  readonly evaluations?: readonly StoredEvaluation[];
  /** How long each configuration's trial trained, in milliseconds of wall time; failed ones left out. */
  readonly durations?: readonly { readonly trial: number; readonly durationMs: number }[];
  /** The same study's configurations trained for another length: other trials, same values. */
  readonly otherLength?: { readonly totalSteps: number; readonly trials: readonly SteppedTrial[] };
  /**
   * Trials of a study group that compares schedules, or this study's trials one a seed, with every value in `values`, fixed ones too:
   * what pairs them by seed and configuration.
   */
  readonly scheduleGroup?: readonly SeededTrial[];
  /** What a pruner would have saved and lost on this study's curves. */
  readonly replay?: PrunerReplay | null;
  /** Replicates, repeated studies and folds; the study itself is taken from `trials`. */
  readonly variance?: Omit<VarianceEvidence, 'direction' | 'study'>;
  readonly adoption?: AdoptionCard | null;
  readonly overrides?: readonly Override[];
  /** What the person concludes; shown once nothing locks it. */
  readonly conclusion?: string | null;
  /** Thresholds that a person changed, by check. */
  readonly thresholds?: ReportThresholds;
  /** What each hyperparameter may be at all, by full name: widening stays within. */
  readonly legalDomains?: BoundaryOptions['legalDomains'];
}
