/** Every threshold of a report's checks, by check: what a person may change, and where a study file's names are looked up. */
import { ACCIDENTAL_REGULARISATION_THRESHOLDS } from './accidental-regularisation.ts';
import { BEST_OF_K_THRESHOLDS } from './best-of-k.ts';
import { BEST_STEP_THRESHOLDS } from './best-steps.ts';
import { BOUNDARY_THRESHOLDS } from './boundaries.ts';
import { BUDGET_METER_THRESHOLDS } from './budget-meter.ts';
import { COMPUTE_BOUND_THRESHOLDS } from './compute-bound.ts';
import { EVALUATION_SPACING_THRESHOLDS } from './evaluation-spacing.ts';
import { GOOD_REGION_THRESHOLDS } from './good-region.ts';
import { CLIPPING_THRESHOLDS } from './gradient-clipping.ts';
import { IMPORTANCE_THRESHOLDS } from './importance.ts';
import { INFEASIBLE_REGION_THRESHOLDS } from './infeasible-region.ts';
import { INSTABILITY_THRESHOLDS } from './instability-remedies.ts';
import { INTERACTION_THRESHOLDS } from './interactions.ts';
import { LATE_NOISE_THRESHOLDS } from './late-noise.ts';
import { LENGTH_TRANSFER_THRESHOLDS } from './length-transfer.ts';
import { ADAM_BUDGET_THRESHOLDS } from './optimizer-coverage.ts';
import { REFINED_SPACE_THRESHOLDS } from './refined-space.ts';
import { RERANK_THRESHOLDS } from './rerank.ts';
import { SAMPLER_ADVICE_THRESHOLDS } from './sampler-advice.ts';
import { SCALE_THRESHOLDS } from './scale-advice.ts';
import { STABILITY_LIMIT_THRESHOLDS } from './stability-limit.ts';
import { WEIGHTED_METRICS_THRESHOLDS } from './weighted-metrics.ts';

export const REPORT_THRESHOLDS = {
  boundaries: BOUNDARY_THRESHOLDS,
  goodRegion: GOOD_REGION_THRESHOLDS,
  bestOfK: BEST_OF_K_THRESHOLDS,
  infeasible: INFEASIBLE_REGION_THRESHOLDS,
  bestSteps: BEST_STEP_THRESHOLDS,
  importance: IMPORTANCE_THRESHOLDS,
  interactions: INTERACTION_THRESHOLDS,
  refinedSpace: REFINED_SPACE_THRESHOLDS,
  budgetMeter: BUDGET_METER_THRESHOLDS,
  scales: SCALE_THRESHOLDS,
  adamBudget: ADAM_BUDGET_THRESHOLDS,
  sampler: SAMPLER_ADVICE_THRESHOLDS,
  weightedMetrics: WEIGHTED_METRICS_THRESHOLDS,
  evaluationSpacing: EVALUATION_SPACING_THRESHOLDS,
  overfitting: ACCIDENTAL_REGULARISATION_THRESHOLDS,
  lateNoise: LATE_NOISE_THRESHOLDS,
  computeBound: COMPUTE_BOUND_THRESHOLDS,
  instability: INSTABILITY_THRESHOLDS,
  stabilityLimit: STABILITY_LIMIT_THRESHOLDS,
  clipping: CLIPPING_THRESHOLDS,
  lengthTransfer: LENGTH_TRANSFER_THRESHOLDS,
  rerank: RERANK_THRESHOLDS,
} as const;

/** Only what differs from the defaults. */
export type ReportThresholds = {
  readonly [K in keyof typeof REPORT_THRESHOLDS]?: Partial<Record<keyof (typeof REPORT_THRESHOLDS)[K], number>>;
};
