/** A decision on the best configuration: replaced by a candidate, or kept, with the evidence of that moment. */
import type { launches } from './schema/index.ts';

export const LAUNCH_DECISIONS = ['adopted', 'rejected'] as const;
export type LaunchDecision = (typeof LAUNCH_DECISIONS)[number];

export interface Launch {
  readonly id: string;
  /** The candidate's study. */
  readonly studyId: string;
  /** The round that it ends or belongs to; null outside of rounds. */
  readonly roundId: string | null;
  /** The candidate. */
  readonly configurationId: string;
  /** What was in use before; null where nothing was, or where it was deleted since. */
  readonly baselineId: string | null;
  readonly decision: LaunchDecision;
  /** Why, in a person's words. */
  readonly reason: string;
  /** Who decided: the name of the token, `local` without one. */
  readonly decidedBy: string;
  /** The analysis as it stood: effect and interval, probability of being better, complexity, the checklist. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly decidedAt: Date;
}

export function launchFromRow(row: typeof launches.$inferSelect): Launch {
  return row;
}
