// Samplers
export { createSampler, type SamplerContext } from './create-sampler.ts';
export type {
  History,
  ObservedConfiguration,
  PrunedConfiguration,
  Sampler,
  Suggestion,
  SuggestionRequest,
} from './sampler.ts';
export { chooseEngine, type EngineChoice } from './choose-engine.ts';
export { historyWithin } from './history-within.ts';
export { withUniformScientific } from './uniform-scientific.ts';

// Quasi-random, random and listed search
export { haltonSampler } from './halton/halton-sampler.ts';
export { sobolSampler } from './sobol/sobol-sampler.ts';
export { randomSampler } from './random/random-sampler.ts';
export { createGridSampler, type GridOptions } from './grid/grid-sampler.ts';
export { checkConfigurations, createListSampler, type ListOptions } from './list/list-sampler.ts';
export { HALTON_ENGINE_VERSION, haltonPoint, haltonSequence, type HaltonKey } from './halton/halton-sequence.ts';
export type { PointSequence } from './point-engine.ts';
export { countConfigurations } from './halton/finite-space.ts';

// Adaptive search
export { createGpSampler, type GpOptions } from './gp/gp-sampler.ts';
export { recommend } from './gp/recommend.ts';
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
export {
  boundaries,
  BOUNDARY_THRESHOLDS,
  BOUNDARY_VERDICTS,
  type Boundary,
  type BoundaryOptions,
  type BoundaryVerdict,
} from './analysis/boundaries.ts';
export { widenedDomain, type WidenOptions } from './analysis/widened-domain.ts';
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
export {
  interactions,
  INTERACTION_THRESHOLDS,
  INTERACTION_VERDICTS,
  INTERACTION_WEAKNESS,
  type Interaction,
  type InteractionNumbers,
  type InteractionOptions,
  type Interactions,
} from './analysis/interactions.ts';
export {
  BUCKETINGS,
  isolation,
  isolations,
  ISOLATION_DEFAULTS,
  type Bucketing,
  type Isolation,
  type IsolationOptions,
  type IsolationPoint,
} from './analysis/isolation.ts';
export { fixedInteractions, INTERACTION_RULES, type FixedInteraction } from './analysis/fixed-interactions.ts';
export {
  armOfStudy,
  armsOf,
  equalCountsP,
  fairness,
  FAIRNESS_THRESHOLDS,
  FAIRNESS_VERDICTS,
  type Arm,
  type Fairness,
  type FairnessNumbers,
  type FairnessOptions,
} from './analysis/fairness.ts';
export {
  bestSteps,
  BEST_STEP_THRESHOLDS,
  BEST_STEP_VERDICTS,
  type BestStepNumbers,
  type BestStepOptions,
  type BestSteps,
  type SteppedTrial,
} from './analysis/best-steps.ts';
export {
  evaluationSpacing,
  EVALUATION_SPACING_THRESHOLDS,
  EVALUATION_SPACING_VERDICTS,
  type EvaluationSpacing,
  type EvaluationSpacingNumbers,
  type EvaluationSpacingOptions,
  type MetricCurve,
} from './analysis/evaluation-spacing.ts';
export {
  replicates,
  REPLICATE_THRESHOLDS,
  REPLICATE_VERDICTS,
  type ReplicateNumbers,
  type ReplicateOptions,
  type Replicates,
  type Run,
} from './analysis/replicates.ts';
export {
  compareReplicates,
  COMPARISON_THRESHOLDS,
  COMPARISON_VERDICTS,
  type Comparison,
  type ComparisonNumbers,
  type ComparisonOptions,
} from './analysis/compare-replicates.ts';
export {
  varianceSources,
  VARIANCE_SOURCES,
  VARIANCE_THRESHOLDS,
  VARIANCE_VERDICTS,
  type FoldRun,
  type VarianceEstimate,
  type VarianceEvidence,
  type VarianceSource,
  type VarianceSources,
} from './analysis/variance-sources.ts';
export {
  complexityDelta,
  complexityOf,
  type Complexity,
  type ComplexityDelta,
  type ConfigurationShape,
} from './analysis/complexity.ts';
export {
  adoptionCard,
  ADOPTION_THRESHOLDS,
  ADOPTION_VERDICTS,
  type AdoptionCard,
  type AdoptionNumbers,
  type AdoptionOptions,
} from './analysis/adoption-card.ts';
export {
  compareSchedules,
  SCHEDULE_COMPARISON_VERDICTS,
  SCHEDULE_HYPERPARAMETERS,
  type ScheduleComparison,
  type ScheduleComparisonNumbers,
  type ScheduleComparisonOptions,
  type SchedulePair,
  type SeededTrial,
} from './analysis/schedule-comparison.ts';
export { changedSpace } from './analysis/changed-space.ts';
export {
  refinedSpace,
  REFINED_SPACE_THRESHOLDS,
  REFINED_SPACE_VERDICTS,
  type RefinedRange,
  type RefinedSpace,
  type RefinedSpaceNumbers,
  type RefinedSpaceOptions,
} from './analysis/refined-space.ts';
export {
  checklist,
  CHECKLIST_THRESHOLDS,
  QUESTION_IDS,
  QUESTIONS,
  type Answer,
  type AnswerPart,
  type Checklist,
  type ChecklistEvidence,
  type ChecklistOptions,
  type CurveFinding,
  type Override,
  type QuestionId,
} from './analysis/checklist.ts';
export {
  bestOfCurve,
  measuredCurve,
  valuesOf,
  type MeasuredCurve,
  type StoredEvaluation,
} from './analysis/measured-curve.ts';
export type { ReportInput, ReportStudy } from './analysis/report-input.ts';
export { REPORT_THRESHOLDS, type ReportThresholds } from './analysis/report-thresholds.ts';
export { REPORT_VERSION, roundReport, type ReportTrial, type RoundReport } from './analysis/round-report.ts';
export { renderReportJson, renderReportMarkdown } from './analysis/render-report.ts';
export {
  defaultRole,
  roleCheck,
  ROLE_VERDICTS,
  type RoleCheck,
  type RoleNumbers,
  type RoleProblem,
} from './analysis/default-role.ts';
export {
  ADAM_BUDGET_THRESHOLDS,
  COVERAGE_VERDICTS,
  OPTIMIZER_HYPERPARAMETERS,
  optimizerCoverage,
  type CoverageNumbers,
  type CoverageOptions,
  type OptimizerCoverage,
} from './analysis/optimizer-coverage.ts';
export {
  budgetMeter,
  BUDGET_METER_THRESHOLDS,
  BUDGET_METER_VERDICTS,
  type BudgetMeter,
  type BudgetMeterOptions,
  type BudgetNumbers,
} from './analysis/budget-meter.ts';
export {
  LOG_SCALED,
  LOG_SCALED_TO_ONE,
  scaleAdvice,
  SCALE_THRESHOLDS,
  type ScaleAdvice,
  type ScaleNote,
  type ScaleOptions,
} from './analysis/scale-advice.ts';
export {
  ADVISED_SAMPLERS,
  samplerAdvice,
  SAMPLER_ADVICE_THRESHOLDS,
  type SamplerAdvice,
  type SamplerAdviceNumbers,
  type SamplerAdviceOptions,
} from './analysis/sampler-advice.ts';
export { personSpread, type PersonShare, type PersonSpread } from './analysis/person-spread.ts';

// Analysis of how training went, and templates of what to run next
export {
  accidentalRegularisation,
  ACCIDENTAL_REGULARISATION_THRESHOLDS,
  ACCIDENTAL_REGULARISATION_VERDICTS,
  type AccidentalRegularisation,
  type AccidentalRegularisationOptions,
  type OverfittingAssociation,
  type OverfittingNumbers,
} from './analysis/accidental-regularisation.ts';
export {
  lateNoise,
  LATE_NOISE_THRESHOLDS,
  LATE_NOISE_VERDICTS,
  type LateNoise,
  type LateNoiseNumbers,
  type LateNoiseOptions,
} from './analysis/late-noise.ts';
export {
  computeBound,
  COMPUTE_BOUND_THRESHOLDS,
  COMPUTE_BOUND_VERDICTS,
  type ComputeBound,
  type ComputeBoundNumbers,
  type ComputeBoundOptions,
} from './analysis/compute-bound.ts';
export { firstGoodStep } from './analysis/curve-noise.ts';
export {
  weightedMetrics,
  WEIGHTED_METRICS_THRESHOLDS,
  WEIGHTED_METRICS_VERDICTS,
  type WeightedMetrics,
  type WeightedMetricsNumbers,
  type WeightedMetricsOptions,
} from './analysis/weighted-metrics.ts';
export {
  rerank,
  reranks,
  RERANK_STEPS,
  RERANK_THRESHOLDS,
  RERANK_VERDICTS,
  type Rerank,
  type RerankedTrial,
  type RerankNumbers,
  type RerankOptions,
  type RerankStep,
} from './analysis/rerank.ts';
export {
  tradeOff,
  TRADE_OFF_VERDICTS,
  type TradeOff,
  type TradeOffNumbers,
  type TradeOffOptions,
} from './analysis/study-trade-off.ts';
export {
  pruningAdvice,
  PRUNING_ADVICE_VERDICTS,
  type PruningAdvice,
  type PruningAdviceNumbers,
  type PruningAdviceOptions,
} from './analysis/pruning-advice.ts';
export {
  scheduleAdvice,
  SCHEDULE_ADVICE_VERDICTS,
  SCHEDULE_NOTE,
  type ScheduleAdvice,
  type ScheduleAdviceNumbers,
} from './analysis/schedule-advice.ts';
export { STABILITY_THRESHOLDS, trainingStability, type TrainingStability } from './analysis/training-stability.ts';
export {
  EARLY_PROBE,
  earlyProbe,
  STABILITY_LIMIT_THRESHOLDS,
  STABILITY_LIMIT_VERDICTS,
  STABILITY_PROBE_FACTORS,
  stabilityLimit,
  stabilityProbe,
  type StabilityLimit,
  type StabilityLimitNumbers,
  type StabilityLimitOptions,
} from './analysis/stability-limit.ts';
export {
  INSTABILITY_THRESHOLDS,
  INSTABILITY_VERDICTS,
  instabilityRemedies,
  NORM_PLACEMENTS,
  normPlacement,
  type InstabilityNumbers,
  type InstabilityOptions,
  type InstabilityRemedies,
  type NormPlacement,
} from './analysis/instability-remedies.ts';
export {
  CLIPPING_THRESHOLDS,
  CLIPPING_VERDICTS,
  gradientClipping,
  type ClippingNumbers,
  type ClippingOptions,
  type GradientClipping,
} from './analysis/gradient-clipping.ts';
export {
  judgeWarmups,
  WARMUP_FINDER_THRESHOLDS,
  WARMUP_VERDICTS,
  warmupFinder,
  warmupProbes,
  type WarmupFound,
  type WarmupJudging,
  type WarmupNumbers,
  type WarmupProbe,
  type WarmupSweep,
} from './analysis/warmup-finder.ts';
export {
  judgeSteps,
  STEPS_FINDER_THRESHOLDS,
  STEPS_FINDER_VERDICTS,
  stepsFinder,
  UNREGULARISED,
  type StepsFinderNumbers,
  type StepsFound,
  type StepsSweep,
} from './analysis/steps-finder.ts';
export {
  STALE_SUBJECTS,
  STALE_VERDICTS,
  staleConclusions,
  type StaleConclusion,
  type StaleConclusions,
  type StaleSubject,
} from './analysis/stale-conclusions.ts';
export {
  LENGTH_TRANSFER_THRESHOLDS,
  LENGTH_TRANSFER_VERDICTS,
  lengthTransfer,
  type LengthTransfer,
  type LengthTransferNumbers,
  type LengthTransferOptions,
  type TrainedAtLength,
} from './analysis/length-transfer.ts';
export {
  TRANSFER_ACTIONS,
  TRANSFER_CHANCES,
  transferTable,
  type TransferAction,
  type TransferChance,
  type TransferOptions,
  type TransferRow,
  type TransferTable,
} from './analysis/transfer-table.ts';
export {
  extendSchedule,
  judgeExtension,
  SCHEDULE_EXTENSION_THRESHOLDS,
  SCHEDULE_EXTENSION_VERDICTS,
  type ScheduleExtension,
  type ScheduleExtensionNumbers,
  type ScheduleExtensionOptions,
} from './analysis/schedule-extension.ts';
export type { DesignChecks } from './analysis/design-checks.ts';
export type { TrainingChecks } from './analysis/training-checks.ts';

// Pruners
export {
  BUDGET_UNITS,
  type BudgetUnit,
  type Pruner,
  type PruningDecision,
  type PruningRequest,
  type TrainingBudget,
  type TrialCurve,
} from './pruners/pruner.ts';
export { createPruner } from './pruners/create-pruner.ts';
export { noPruner } from './pruners/no-pruner.ts';
export { createPercentilePruner, type PercentileOptions } from './pruners/percentile-pruner.ts';
export {
  createSuccessiveHalvingPruner,
  RUNG_VALUES,
  type RungValue,
  type SuccessiveHalvingOptions,
} from './pruners/successive-halving-pruner.ts';
export { createHyperbandPruner, type HyperbandOptions } from './pruners/hyperband-pruner.ts';
export { createPatiencePruner, type PatienceOptions } from './pruners/patience-pruner.ts';
export { SMOOTHING_KINDS, type Smoothing, type SmoothingKind } from './pruners/smooth-curve.ts';
export { replayPruner, type ReplayOptions } from './pruners/replay-pruner.ts';
export {
  REPLAY_THRESHOLDS,
  REPLAY_VERDICTS,
  type PrunerReplay,
  type RankedAt,
  type ReplayedOrder,
  type ReplayedStop,
  type ReplayNumbers,
  type ReplayThresholds,
  type ReplayVerdict,
  type ValuedConfiguration,
} from './pruners/pruner-replay.ts';
export type { RecordedTrial } from './pruners/simulate-pruning.ts';

// Curve diagnosis
export { CURVE_LABELS, type CurveLabel } from './curves/curve-label.ts';
export {
  CURVE_DIAGNOSIS_VERSION,
  curveFindings,
  diagnoseCurves,
  type CurveCheck,
  type CurveDiagnosis,
  type DiagnoseCurvesOptions,
} from './curves/diagnose-curves.ts';
export { CURVE_METRIC_NAMES, type CurveMetricNames, type MeasuredTrial } from './curves/curve.ts';
export { CURVE_THRESHOLDS, type CurveThresholds } from './curves/curve-thresholds.ts';
export type { AdvisedHyperparameter } from './curves/remedies.ts';
