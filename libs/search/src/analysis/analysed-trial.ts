import type { TrialState, Values } from '@kinetune/study';

/**
 * What analysis needs of a trial. Checks of a search take one a configuration: replicates and folds are no further draws from the
 * space, they are evidence of variance (`replicates`, `varianceSources`).
 */
export interface AnalysedTrial {
  /** What people know it by. */
  readonly number: number;
  readonly state: TrialState;
  readonly values: Values;
  /** The objective at the trial's best step; null where it has none that is finite. */
  readonly bestValue: number | null;
  /** Why an infeasible trial is that (`diverged`, `invalid-configuration`, `out-of-memory`), where it was recorded. */
  readonly reasonCode?: string | null;
}
