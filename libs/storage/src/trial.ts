import type { RuntimeSettings, TrialState, Values } from '@kinetune/study';
import { InputError } from '@kinetune/study';
import type { configurations, trials } from './schema/index.ts';

/** What a trial's result depends on besides its configuration: git commit, hashes, versions. By name. */
export type Fingerprint = Readonly<Record<string, unknown>>;

/** What a trial's curve says, by the version of the analysis that read it. */
export interface Diagnosis {
  readonly version: number;
  readonly [finding: string]: unknown;
}

/** One training of a configuration: one seed, one fold. */
export interface Trial {
  readonly id: string;
  readonly studyId: string;
  readonly configurationId: string;
  /** The configuration's number, which people know the trial by. */
  readonly number: number;
  /** Counts the trials of one configuration from 0. */
  readonly replicate: number;
  /** The configuration's values. */
  readonly values: Values;
  readonly seed: number;
  readonly fold: number;
  readonly state: TrialState;
  /** A word for programs (`diverged`, `out-of-memory`) and a sentence for people: why it ended or was queued again. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  /** How often it was claimed. */
  readonly attempts: number;
  /** Machine failures since it last got further than ever before. */
  readonly failures: number;
  /** What its present writer must show. */
  readonly fencingToken: number;
  readonly agentId: string | null;
  readonly slotId: string | null;
  readonly device: string | null;
  readonly fingerprint: Fingerprint | null;
  readonly runtime: RuntimeSettings | null;
  readonly weightCount: number | null;
  readonly totalSteps: number | null;
  readonly totalEpochs: number | null;
  /** Step of the furthest measurement, and of the furthest whose training state is durable: where a next attempt starts. */
  readonly lastStep: number | null;
  readonly resumableStep: number | null;
  /** By the study's objective over the measurements so far. */
  readonly bestStep: number | null;
  readonly bestValue: number | null;
  /** Computed once when it ended; null before. */
  readonly diagnosis: Diagnosis | null;
  /** Time spent RUNNING in attempts before the present one. */
  readonly earlierRunningMs: number;
  readonly queuedAt: Date;
  /** Start of the present or last attempt. */
  readonly startedAt: Date | null;
  readonly heartbeatAt: Date | null;
  /** When the right of whoever asked for it ends, unless renewed; null where an agent trains it, or nobody. */
  readonly leaseEndsAt: Date | null;
  readonly finishedAt: Date | null;
}

export function trialFromRows(
  trial: typeof trials.$inferSelect,
  configuration: Pick<typeof configurations.$inferSelect, 'number' | 'values'>,
): Trial {
  return { ...trial, number: configuration.number, values: configuration.values };
}

export function unknownTrial(trialId: string): InputError {
  return new InputError('unknown-trial', `expected the id of a trial, got ${trialId}: no trial has it`);
}
