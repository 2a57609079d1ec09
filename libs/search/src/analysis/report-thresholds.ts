/** Every threshold of a report's checks, by check: what a person may change, and where a study file's names are looked up. */
import { BEST_OF_K_THRESHOLDS } from './best-of-k.ts';
import { BEST_STEP_THRESHOLDS } from './best-steps.ts';
import { BOUNDARY_THRESHOLDS } from './boundaries.ts';
import { GOOD_REGION_THRESHOLDS } from './good-region.ts';
import { IMPORTANCE_THRESHOLDS } from './importance.ts';
import { INFEASIBLE_REGION_THRESHOLDS } from './infeasible-region.ts';

export const REPORT_THRESHOLDS = {
  boundaries: BOUNDARY_THRESHOLDS,
  goodRegion: GOOD_REGION_THRESHOLDS,
  bestOfK: BEST_OF_K_THRESHOLDS,
  infeasible: INFEASIBLE_REGION_THRESHOLDS,
  bestSteps: BEST_STEP_THRESHOLDS,
  importance: IMPORTANCE_THRESHOLDS,
} as const;

/** Only what differs from the defaults. */
export type ReportThresholds = {
  readonly [K in keyof typeof REPORT_THRESHOLDS]?: Partial<Record<keyof (typeof REPORT_THRESHOLDS)[K], number>>;
};
