// Quasi-random search
export { suggest, type SuggestOptions, type Suggestion, type SuggestionNote } from './halton/suggest.ts';
export {
  HALTON_ENGINE_VERSION,
  haltonPoint,
  haltonSequence,
  type HaltonKey,
  type HaltonSequence,
} from './halton/halton-sequence.ts';
export { countConfigurations } from './halton/finite-space.ts';

// Adaptive search
export type { History, ObservedConfiguration, Sampler, SuggestionRequest } from './sampler.ts';
export { haltonSampler } from './halton/halton-sampler.ts';
export { createGpSampler, type GpOptions } from './gp/gp-sampler.ts';
export { createTpeSampler, type TpeOptions } from './tpe/tpe-sampler.ts';

// Analysis
export type { AnalysedTrial } from './analysis/analysed-trial.ts';
export { ACTIONS, CHECK_STATUSES, type Action, type Check, type CheckStatus, type NextStep } from './analysis/check.ts';
export { rankTrials, topCount, type RankedTrial } from './analysis/rank-trials.ts';
export {
  bestOfK,
  BEST_OF_K_THRESHOLDS,
  BEST_OF_K_VERDICTS,
  type BestOfK,
  type BestOfKNumbers,
  type BestOfKOptions,
  type BestOfKPoint,
} from './analysis/best-of-k.ts';
export {
  goodRegion,
  GOOD_REGION_THRESHOLDS,
  GOOD_REGION_VERDICTS,
  type GoodExtent,
  type GoodRegion,
  type GoodRegionNumbers,
  type GoodRegionOptions,
} from './analysis/good-region.ts';
export { infeasibleShare, type InfeasibleShare } from './analysis/infeasible-share.ts';
export {
  infeasibleRegion,
  INFEASIBLE_REGION_THRESHOLDS,
  INFEASIBLE_REGION_VERDICTS,
  type InfeasibleRegion,
  type InfeasibleRegionNumbers,
  type InfeasibleRegionOptions,
} from './analysis/infeasible-region.ts';
export { describeRules, type Rule, type TreeLeaf } from './analysis/infeasible-tree.ts';
export {
  regions,
  REGIONS_CAVEAT,
  type Bucket,
  type CategoricalRegion,
  type NumericRegion,
  type Region,
} from './analysis/regions.ts';
export { boundaries, BOUNDARY_VERDICTS, type Boundary, type BoundaryVerdict } from './analysis/boundaries.ts';
export {
  importance,
  IMPORTANCE_ASSUMPTIONS,
  IMPORTANCE_THRESHOLDS,
  IMPORTANCE_VERDICTS,
  type Importance,
  type ImportanceCheck,
  type ImportanceNumbers,
  type ImportanceOptions,
} from './analysis/importance.ts';
