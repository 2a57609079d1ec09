import type {
  DataSpec,
  EarlyStopping,
  HyperparameterValue,
  Metric,
  Objective,
  Phase,
  PrunerSettings,
  SamplerSettings,
  Space,
  StudyState,
  TrialLimits,
} from '@kinetune/study';
import { InputError } from '@kinetune/study';
import type { studies } from './schema/index.ts';

/** How much a study may spend. */
export interface Budget {
  /** Configurations to propose, those of a second phase not counted. */
  readonly trials: number;
}

/** A second phase, in a space refined from what the first one found. */
export interface Exploit {
  /** Configurations on top of the budget. */
  readonly trials: number;
  readonly sampler: SamplerSettings;
  readonly pruner: PrunerSettings;
  /** Why the phase begins although the checks of the explored space fail; null: it waits for them. */
  readonly override: string | null;
}

/** One of several studies that differ in one choice alone and have the same configurations of the rest. */
export interface StudyGroup {
  readonly name: string;
  /** Full name of the scientific hyperparameter whose values the members hold. */
  readonly hyperparameter: string;
  readonly value: HyperparameterValue;
}

/** A space that configurations were drawn from, and the first of them. */
export interface SpaceVersion {
  readonly space: Space;
  readonly phase: Phase;
  /** Number of the first configuration; the version ends where the next one begins. */
  readonly firstConfiguration: number;
}

/** Why a question before believing a result is passed over. */
export interface Override {
  readonly question: string;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Our own trainer, a program that speaks the trainer protocol, whoever asks, or none: what was measured elsewhere. */
export type Trainer =
  | { readonly kind: 'built-in' }
  | {
      readonly kind: 'command';
      /** Program and arguments as a person wrote them. */
      readonly command: readonly string[];
      /** The folder it runs in, that of the study file: relative to the workspace where it lies inside; absent: the workspace itself. */
      readonly folder?: string;
    }
  /** A loop of somebody's own, which asks for configurations and tells what it measured; agents never claim its trials. */
  | { readonly kind: 'ask' }
  | {
      /** Measured elsewhere: it is read, and never trained here (`requireTrainable`). */
      readonly kind: 'imported';
      /** The product that ran it, and its name there. */
      readonly source: string;
      readonly study: string;
      /** What people noted of the study there. */
      readonly userAttributes: Readonly<Record<string, unknown>>;
    };

/** What a study is, resolved: defaults filled in, so that it can be run again without the file it came from. */
export interface NewStudy {
  readonly name: string;
  readonly goal: string;
  readonly phase: Phase;
  /** Null where a trainer of one's own brings its own. */
  readonly data: DataSpec | null;
  /** Hash of the split manifest, once the data are there; a change of it means other people or windows. */
  readonly splitHash: string | null;
  /** A family of the catalogue, or what a command trains, in the study's own word. */
  readonly model: string;
  readonly trainer: Trainer;
  readonly space: Space;
  /** What measurements hold, in this order. */
  readonly metrics: readonly Metric[];
  readonly objective: Objective;
  readonly sampler: SamplerSettings;
  readonly pruner: PrunerSettings;
  readonly budget: Budget;
  /** Trials of each configuration on each fold, which differ in their seed alone. */
  readonly replicates: number;
  /** Folds that each configuration is trained on, ascending; null: the split's own alone. */
  readonly folds: readonly number[] | null;
  /** The second phase; null: there is none. */
  readonly exploit: Exploit | null;
  /** Name of the study whose results the sampler starts with. */
  readonly from: string | null;
  readonly studyGroup: StudyGroup | null;
  /** Thresholds of the analysis that differ from the defaults, by check. */
  readonly thresholds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Trials at once; null: as many as there are slots. */
  readonly parallelism: number | null;
  /** Share of the slots beside other studies: each step doubles it; from -10 to 10, absent: 0, the usual one. */
  readonly priority?: number;
  /** Best checkpoints kept for each trial. */
  readonly keepBest: number;
  readonly seed: number;
  /** When a trial may end before its last epoch; null or absent: never. */
  readonly earlyStopping?: EarlyStopping | null;
  /** How long a trial may take and be silent; null or absent: the defaults of the machine that trains it. */
  readonly limits?: TrialLimits | null;
  /** Set for a control that must not learn: the training labels are permuted by it. */
  readonly shuffleLabelsSeed: number | null;
}

export interface Study extends NewStudy {
  readonly id: string;
  readonly state: StudyState;
  readonly priority: number;
  /** Every version of the space, oldest first; the last one is `space`. */
  readonly spaceVersions: readonly SpaceVersion[];
  /** Questions before believing a result that are passed over, each once. */
  readonly overrides: readonly Override[];
  /** What was learned, in a person's words. */
  readonly conclusion: string | null;
  /** When it was put away from the lists; null: it was not. */
  readonly archivedAt: Date | null;
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
