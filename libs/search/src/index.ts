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
export { rankTrials, topCount, type RankedTrial } from './analysis/rank-trials.ts';
export { infeasibleShare, type InfeasibleShare } from './analysis/infeasible-share.ts';
export {
  regions,
  REGIONS_CAVEAT,
  type Bucket,
  type CategoricalRegion,
  type NumericRegion,
  type Region,
} from './analysis/regions.ts';
export { boundaries, BOUNDARY_VERDICTS, type Boundary, type BoundaryVerdict } from './analysis/boundaries.ts';
