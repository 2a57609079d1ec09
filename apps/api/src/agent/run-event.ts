/** What happens while a study runs, for whoever shows it: the terminal now, subscriptions later. */
import type { TrialState, Values } from '@kinetune/study';
import type { StudyProgress } from './study-progress.ts';

/** `trial` is what people know it by: `3`, or `3 (seed 1, fold 2)` where its configuration has several. */
export type RunEvent =
  | {
      readonly type: 'trial-started';
      readonly trial: string;
      readonly attempt: number;
      readonly configuration: Values;
      readonly totalEpochs: number | undefined;
      /** Epoch it goes on from; 0 at the beginning. */
      readonly resumedFromEpoch: number;
    }
  | {
      readonly type: 'trial-progress';
      readonly trial: string;
      readonly epoch: number;
      readonly trainLoss: number | null | undefined;
    }
  | {
      readonly type: 'trial-measured';
      readonly trial: string;
      readonly step: number;
      readonly epoch: number;
      readonly values: Readonly<Record<string, number | null>>;
    }
  | {
      readonly type: 'trial-ended';
      readonly trial: string;
      readonly state: Extract<TrialState, 'COMPLETED' | 'PRUNED' | 'INFEASIBLE' | 'FAILED' | 'CANCELLED'>;
      readonly reason: string | undefined;
      readonly bestValue: number | undefined;
      readonly bestEpoch: number | undefined;
      /** Number of its configuration, and the mean over its trials once all have completed. */
      readonly configuration: number;
      readonly objective: number | null;
      readonly durationMs: number;
    }
  /** It will be run again, from its last durable step. */
  | { readonly type: 'trial-requeued'; readonly trial: string; readonly attempt: number; readonly reason: string }
  | { readonly type: 'trial-stopped'; readonly trial: string }
  /** Others train trials of the study too. */
  | ({ readonly type: 'trials-counted' } & StudyProgress)
  | { readonly type: 'stopping'; readonly running: number };
