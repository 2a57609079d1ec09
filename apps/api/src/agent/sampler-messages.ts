/** What the process and its sampler's thread say to each other. */
import type { History, SamplerContext, Suggestion } from '@kinetune/search';
import type { Direction, SamplerSettings, Space } from '@kinetune/study';
import type { ModelShape } from '@kinetune/models/catalogue';

/** What stays the same for all suggestions of a run; given when the thread starts. */
export interface SamplerSetup {
  readonly settings: SamplerSettings;
  readonly context: SamplerContext;
  readonly space: Space;
  /** The study's seed. */
  readonly seed: number;
  readonly direction: Direction;
  /** What constraints are about: the thread works out itself what a configuration comes to. */
  readonly model: string;
  readonly shape: Partial<ModelShape>;
}

export interface SamplerRequest {
  readonly id: number;
  /** The configuration's number. */
  readonly index: number;
  readonly history: History;
}

export type SamplerAnswer =
  | { readonly id: number; readonly suggestion: Suggestion | null }
  | { readonly id: number; readonly error: SamplerError };

/** An error's class does not cross the border of a thread. */
export interface SamplerError {
  /** That of an InputError; undefined for a mistake of ours. */
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}
