/** What every attempt of a study's run has in common. */
import type { Database, Study, Trial } from '@kinetune/storage';
import type { FoldData } from './fold-data.ts';
import type { LivePruner } from './live-pruner.ts';
import type { RunEvent } from './run-event.ts';
import type { Limits } from './trial-run.ts';

export interface AttemptContext {
  readonly db: Database;
  readonly study: Study;
  /** By fold. */
  readonly folds: ReadonlyMap<number, FoldData>;
  /** Undefined where nothing is pruned. */
  readonly pruner: LivePruner | undefined;
  /** Number of the first configuration that may be pruned. */
  readonly prunedFrom: number;
  readonly checkpointFolderOf: (trial: Trial) => string;
  readonly logFileOf: (trial: Trial) => string;
  readonly limits: Limits;
  readonly onEvent: (event: RunEvent) => void;
}
