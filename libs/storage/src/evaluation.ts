import type { EvaluationResult } from '@kinetune/study';

export const EVALUATION_SPLITS = ['validation', 'test'] as const;

/** How a trial's weights at a step did on held-out people. */
export interface Evaluation extends EvaluationResult {
  readonly trialId: string;
  readonly split: (typeof EVALUATION_SPLITS)[number];
  readonly step: number;
  /** Why the test people were looked at; null for validation. */
  readonly reason: string | null;
  readonly evaluatedAt: Date;
}
