/** A round of the incremental strategy: one narrow goal, studies that answer it, what was learned, what was decided. */
import { InputError } from '@kinetune/study';
import type { rounds } from './schema/index.ts';

/** What came of a round: a better configuration, one that was not better enough, or an insight alone. */
export const ROUND_DECISIONS = ['adopted', 'rejected', 'nothing-to-adopt'] as const;
export type RoundDecision = (typeof ROUND_DECISIONS)[number];

export interface Round {
  readonly id: string;
  /** The one question that its studies answer. */
  readonly goal: string;
  /** The group of studies that it compares; null for studies that stand alone. */
  readonly studyGroup: string | null;
  /** In a person's words; null while it is open. */
  readonly learned: string | null;
  readonly decision: RoundDecision | null;
  readonly openedAt: Date;
  /** Null while it is open. */
  readonly closedAt: Date | null;
}

export function roundFromRow(row: typeof rounds.$inferSelect): Round {
  return row;
}

export function unknownRound(roundId: string): InputError {
  return new InputError('unknown-round', `expected the id of a round, got ${roundId}: no round has it`);
}
