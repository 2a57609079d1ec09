import type { EvaluationResult } from '@kinetune/study';

export const EVALUATION_SPLITS = ['validation', 'test'] as const;

/** How a trial's weights at a step did on held-out people. */
export interface Evaluation extends EvaluationResult {
  readonly trialId: string;
  readonly split: (typeof EVALUATION_SPLITS)[number];
  readonly step: number;
  /** Why the test people were looked at; null for validation. */
  readonly reason: string | null;
  /** Who looked at the test people; null for validation. */
  readonly evaluatedBy: string | null;
  /** The study had looked at the test people before, so that this is no estimate for new people. */
  readonly isContaminated: boolean;
  readonly evaluatedAt: Date;
}
