// Errors
export { EnvironmentError, InputError, invariant, type FieldProblem } from './errors.ts';

// Suggesting names
export { didYouMean, nearestName } from './nearest-name.ts';

// Text
export { isStorableText, storableText } from './storable-text.ts';

// Chance
export { createRng, deriveSeed, permutation, type Rng } from './rng.ts';

// Hyperparameters, spaces, configurations
export {
  KINDS,
  ROLES,
  SCALES,
  type CategoricalDomain,
  type Domain,
  type FixedHyperparameter,
  type FloatDomain,
  type Hyperparameter,
  type HyperparameterValue,
  type IntDomain,
  type Kind,
  type Role,
  type Scale,
} from './hyperparameter.ts';
export {
  domainContains,
  domainValue,
  domainValues,
  unitCell,
  unitFromValue,
  unitMapping,
  valueCount,
  valueFromUnit,
} from './domain.ts';
export { isActive, parseName, resolveValues, type Condition, type Space, type Values } from './space.ts';

// Studies, trials and what they measure
export { EVENT_TYPES, PHASES, STUDY_STATES, type EventType, type Phase, type StudyState } from './study-state.ts';
export { isFinished, TRIAL_STATES, type TrialState } from './trial-state.ts';
export { BUILT_IN_METRICS, DIRECTIONS, isBetter, type Direction, type Metric, type Objective } from './metric.ts';
export type { EpochDetail, Measurement, Spread } from './measurement.ts';

// Metrics of a classifier
export { accuracy, balancedAccuracy, macroF1, type ConfusionMatrix } from './classification-metrics.ts';

// Early stopping
export { EARLY_STOPPING_KINDS, earlyStopping, type EarlyStopping } from './early-stopping.ts';
export { trialLimits, type TrialLimits } from './trial-limits.ts';

// Learning-rate schedules
export { learningRateAt, learningRates, SCHEDULES, type LearningRateSchedule, type ScheduleKind } from './schedule.ts';

// Samplers and pruners as plain data
export { SAMPLER_KINDS, samplerSettings, type SamplerKind, type SamplerSettings } from './sampler-settings.ts';
export { PRUNER_KINDS, prunerSettings, type PrunerKind, type PrunerSettings } from './pruner-settings.ts';

// Constraints
export { constraintHolds, parseConstraint, type Constraint } from './constraint.ts';

// The study file
export { trainerSpec, type TrainerSpec } from './trainer-spec.ts';
export { csvSpec, type CsvSpec } from './csv-spec.ts';
export { dataSpec, splitSpec, windowSpec, type DataSpec, type SplitSpec, type WindowSpec } from './data-spec.ts';
export {
  checkStudyFile,
  MOST_PRIORITY,
  parseStudyFile,
  studyFile,
  studyFileJsonSchema,
  type StudyFile,
} from './study-file.ts';
export { writeStudyFile } from './write-study-file.ts';

// The trainer protocol
export {
  evaluationResult,
  messageFromTrainer,
  messageToTrainer,
  TRAINER_PROTOCOL_VERSION,
  type EvaluateMessage,
  type EvaluationResult,
  type MeasurementMessage,
  type MessageFromTrainer,
  type MessageToTrainer,
  type RuntimeSettings,
  type StartMessage,
} from './trainer-protocol.ts';
