/** What happens while a study runs, for whoever shows it: the terminal now, subscriptions later. */
import type { TrialState, Values } from '@kinetune/study';

export type RunEvent =
  | {
      readonly type: 'trial-started';
      readonly trial: number;
      readonly attempt: number;
      readonly configuration: Values;
      readonly totalEpochs: number | undefined;
      /** Epoch it goes on from; 0 at the beginning. */
      readonly resumedFromEpoch: number;
    }
  | {
      readonly type: 'trial-progress';
      readonly trial: number;
      readonly epoch: number;
      readonly trainLoss: number | null | undefined;
    }
  | {
      readonly type: 'trial-measured';
      readonly trial: number;
      readonly step: number;
      readonly epoch: number;
      readonly values: Readonly<Record<string, number | null>>;
    }
  | {
      readonly type: 'trial-ended';
      readonly trial: number;
      readonly state: Extract<TrialState, 'COMPLETED' | 'INFEASIBLE' | 'FAILED'>;
      readonly reason: string | undefined;
      readonly bestValue: number | undefined;
      readonly bestEpoch: number | undefined;
      readonly durationMs: number;
    }
  /** It will be run again, from its last durable step. */
  | { readonly type: 'trial-requeued'; readonly trial: number; readonly attempt: number; readonly reason: string }
  | { readonly type: 'trial-stopped'; readonly trial: number }
  | { readonly type: 'stopping'; readonly running: number };
