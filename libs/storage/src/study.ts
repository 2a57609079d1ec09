import type { DataSpec, EarlyStopping, Metric, Objective, Phase, Space, StudyState } from '@kinetune/study';
import { InputError } from '@kinetune/study';
import type { studies } from './schema/index.ts';

/** How much a study may spend. */
export interface Budget {
  /** Configurations to propose. */
  readonly trials: number;
}

/** Our own trainer, or a program that speaks the trainer protocol. */
export type Trainer = { readonly kind: 'built-in' } | { readonly kind: 'command'; readonly command: readonly string[] };

/** What a study is, resolved: defaults filled in, so that it can be run again without the file it came from. */
export interface NewStudy {
  readonly name: string;
  readonly goal: string;
  readonly phase: Phase;
  readonly data: DataSpec;
  /** Hash of the split manifest, once the data are there; a change of it means other people or windows. */
  readonly splitHash: string | null;
  readonly model: string;
  readonly trainer: Trainer;
  readonly space: Space;
  /** What measurements hold, in this order. */
  readonly metrics: readonly Metric[];
  readonly objective: Objective;
  readonly sampler: string;
  readonly pruner: string | null;
  readonly budget: Budget;
  /** Trials at once; null: as many as there are slots. */
  readonly parallelism: number | null;
  /** Best checkpoints kept for each trial. */
  readonly keepBest: number;
  readonly seed: number;
  /** When a trial may end before its last epoch; null or absent: never. */
  readonly earlyStopping?: EarlyStopping | null;
  /** Set for a control that must not learn: the training labels are permuted by it. */
  readonly shuffleLabelsSeed: number | null;
}

export interface Study extends NewStudy {
  readonly id: string;
  readonly state: StudyState;
  /** Sequence of its last event. */
  readonly eventSequence: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function studyFromRow(row: typeof studies.$inferSelect): Study {
  return row;
}

export function unknownStudy(studyId: string): InputError {
  return new InputError('unknown-study', `expected the id of a study, got ${studyId}: no study has it`);
}
