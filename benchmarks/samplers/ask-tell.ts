/** A sampler at work on one study, ours or the rival's: configurations are asked for, their results told. */
import type { Values } from '@kinetune/study';

export interface Asked {
  readonly number: number;
  readonly values: Values;
}

export interface Told {
  readonly number: number;
  /** NaN: infeasible. */
  readonly value: number;
}

export interface AskTell {
  /** Fewer than `count`, or none, when a finite space is used up. `ms` is the time of each suggestion. */
  ask(count: number): Promise<{ readonly asked: readonly Asked[]; readonly ms: readonly number[] }>;
  tell(told: readonly Told[]): Promise<void>;
  /** The configuration it would adopt under noise, where that is not simply the best observed one. */
  recommend?(): Promise<Values>;
}
