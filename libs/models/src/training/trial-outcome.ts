/** How a trial ends when nothing is broken. What the machine did wrong (a full disk, a missing file) is thrown instead. */

export const INFEASIBLE_CODES = ['diverged', 'invalid-configuration', 'out-of-memory'] as const;
export type InfeasibleCode = (typeof INFEASIBLE_CODES)[number];

export type TrialOutcome =
  | {
      readonly type: 'completed';
      readonly bestStep: number;
      readonly bestValue: number;
      /** Why it ended before its last epoch, where it did. */
      readonly reason?: string;
    }
  | {
      readonly type: 'infeasible';
      readonly code: InfeasibleCode;
      readonly reason: string;
      /** Passes over the training data so far. */
      readonly epoch?: number;
    }
  /** As asked; `step` is that of the last durable state, 0 when there is none. */
  | { readonly type: 'stopped'; readonly step: number };
