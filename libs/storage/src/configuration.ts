import type { Values } from '@kinetune/study';
import type { configurations } from './schema/index.ts';

/** Who proposed a configuration and why, so that the suggestion can be replayed. */
export interface SamplerNote {
  readonly sampler: string;
  readonly engineVersion: number;
  readonly reason: string;
  /** Sequence of the study's last event that the sampler had seen; it did not matter for a quasi-random one. */
  readonly sequence?: number;
  readonly [detail: string]: unknown;
}

export interface Configuration {
  readonly id: string;
  readonly studyId: string;
  /** The sampler's index: counts from 0 in each study. */
  readonly number: number;
  readonly values: Values;
  readonly spaceVersion: number;
  readonly samplerNote: SamplerNote;
  /** Mean of its trials' best values once all have completed; null before, and where one did not complete. */
  readonly objective: number | null;
  readonly createdAt: Date;
}

export function configurationFromRow(row: typeof configurations.$inferSelect): Configuration {
  return row;
}
