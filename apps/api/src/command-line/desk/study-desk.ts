/** What commands ask about the studies of a home: its database, or the API that has it open. */
import type { LaunchDecision, Override } from '@kinetune/storage';
import type { Domain, StudyState, TrialState } from '@kinetune/study';
import type { ExportRequest } from '../../exchange/export-text.ts';
import type { Findings } from '../../findings/findings.ts';
import type { ReportRequest, WrittenReport } from '../../report/written-report.ts';
import type { AdoptionRequest } from '../../studies/conclude-study.ts';
import type { RefineRequest, RefinedStudy } from '../../studies/refine-study.ts';
import type { ReplicateOptions } from '../../studies/replicate-configuration.ts';
import type { StudyFiles } from '../../studies/study-files.ts';
import type { WiderDomain } from '../../studies/widen-study.ts';

export interface ListedStudy {
  readonly name: string;
  readonly state: StudyState;
  readonly archivedAt: Date | null;
  readonly goal: string;
  readonly model: string;
  /** Null where the trainer brings its own. */
  readonly dataset: string | null;
  readonly budgetTrials: number;
  readonly trials: Readonly<Record<TrialState, number>>;
  readonly createdAt: Date;
}

export interface QueuedReplicates {
  readonly number: number;
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
  readonly queued: number;
}

export interface WidenedSpace {
  readonly space: {
    readonly version: number;
    readonly hyperparameters: readonly { readonly name: string; readonly domain: Domain }[];
  };
  readonly changes: readonly string[];
  /** Number of the first configuration that is drawn from the wider space. */
  readonly firstConfiguration: number;
  readonly budgetTrials: number;
}

export interface OverriddenStudy {
  /** Who is noted: an API notes who asks it. */
  readonly by: string;
  readonly isLocked: boolean;
  readonly lockedBy: readonly string[];
}

export interface Decided {
  readonly decision: LaunchDecision;
  readonly reason: string;
  /** Who is noted: an API notes who asks it. */
  readonly by: string;
  readonly at: Date;
  readonly evidence: unknown;
}

/** What goes with a study. */
export interface StudyRemains extends StudyFiles {
  readonly trials: number;
}

/** What a person does to a study as a whole. */
export type StudyChange =
  | { readonly type: 'pause' | 'resume' | 'archive' | 'unarchive' }
  | { readonly type: 'cancel'; readonly reason: string };

/** Each but `list` and `report` is about the study of a name. @throws InputError for what is unknown, or refused. */
export interface StudyDesk extends AsyncDisposable {
  readonly home: string;
  /** Oldest first. */
  list(): Promise<readonly ListedStudy[]>;
  findings(name: string): Promise<Findings>;
  report(request: ReportRequest): Promise<WrittenReport>;
  refine(name: string, request: RefineRequest): Promise<RefinedStudy>;
  replicate(name: string, options: ReplicateOptions): Promise<QueuedReplicates>;
  widen(name: string, wider: readonly WiderDomain[]): Promise<WidenedSpace>;
  override(name: string, override: Pick<Override, 'question' | 'reason' | 'by'>): Promise<OverriddenStudy>;
  /** Gives what the conclusion holds for. */
  conclude(name: string, conclusion: string): Promise<{ conclusion: string; caveats: readonly string[] }>;
  /** Adopts or rejects a configuration. */
  decide(name: string, request: AdoptionRequest): Promise<Decided>;
  /** What would go with it. An API looks into its own store, not into that of the options. */
  measure(name: string, options: { readonly store: string }): Promise<StudyRemains>;
  delete(name: string, options: { readonly store: string }): Promise<StudyRemains>;
  change(name: string, change: StudyChange): Promise<{ readonly state: StudyState; readonly archivedAt: Date | null }>;
  extend(
    name: string,
    trials: number,
  ): Promise<{ readonly trials: number; readonly before: number; readonly state: StudyState }>;
  /** Hands each part over, one after the other; those of a database that is ours are of one moment. */
  export<Part extends ExportRequest>(
    name: string,
    parts: readonly Part[],
    deliver: (text: AsyncIterable<string>, part: Part) => Promise<void>,
  ): Promise<void>;
}
