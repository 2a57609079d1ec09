// Opening
export type { Database } from './database.ts';
export { openStorage, type Storage } from './open-storage.ts';
export { appliedMigrations, earlierMigrations, hasPresentSchema } from './migrate-storage.ts';
export { connectionCounts } from './connection-counts.ts';
export { makeFolder } from './make-folder.ts';
export { openPostgres, type PostgresOptions } from './open-postgres.ts';
export { readLockHolder, type LockHolder } from './storage-lock.ts';
export { storageFailure } from './storage-failure.ts';

// Studies
export type { Budget, Exploit, NewStudy, Override, SpaceVersion, Study, StudyGroup, Trainer } from './study.ts';
export {
  addSpaceVersion,
  cancelStudy,
  createStudy,
  findStudies,
  findStudy,
  findStudyByName,
  listStudies,
  setExploit,
  setOverride,
  setStudySplit,
  setStudyState,
  setStudyWords,
  updateStudyBudget,
} from './studies.ts';

export {
  countStudiesMatching,
  STUDY_SORT_KEYS,
  studyPage,
  studyPosition,
  type StudyFilter,
  type StudyPageOptions,
  type StudySortKey,
} from './study-page.ts';
export { lockStudy } from './lock-study.ts';
export { pauseStudy, resumeStudy, setArchived } from './pause-study.ts';
export { deleteStudy, isStudyStored, type DeletedStudy, type DeleteStudyOptions } from './delete-study.ts';

// Configurations
export type { Configuration, SamplerNote } from './configuration.ts';
export {
  createConfiguration,
  listConfigurations,
  nextConfigurationNumber,
  samplerEngines,
  type CreatedConfiguration,
  type NewConfiguration,
} from './configurations.ts';

export { enqueueConfigurations, type GivenConfigurations } from './enqueue-configurations.ts';
export { createReplicates, type NewReplicates } from './replicates.ts';
export { samplerHistory, type SamplerHistory } from './sampler-history.ts';

// Trials
export type { Diagnosis, Fingerprint, Trial } from './trial.ts';
export { countTrialsByState } from './count-trials-by-state.ts';
export { countTrials, countTrialsOf, findTrial, findTrials, listTrials, type TrialCounts } from './trials.ts';
export {
  countTrialsMatching,
  countTrialsMatchingOf,
  TRIAL_SORT_KEYS,
  trialPage,
  trialPages,
  trialPosition,
  type TrialFilter,
  type TrialOrder,
  type TrialPageOptions,
  type TrialSortKey,
} from './trial-page.ts';
export { claimTrial, recordTrialStart, type Claimant, type TrialStart } from './claim-trial.ts';
export type { TrialWriter, TrialWriteRefused } from './change-trial.ts';
export { cancelTrial, finishTrial, type TrialEnd } from './finish-trial.ts';
export { releaseTrial, requeueLost, requeueOrphans, requeueTrial, type MachineFailure } from './requeue-trial.ts';
export { renewLease, requeueExpiredLeases } from './trial-leases.ts';
export { requeueOutOfMemory } from './requeue-out-of-memory.ts';
export { listUndiagnosed, storeDiagnoses } from './diagnoses.ts';
export { retryFailedTrials } from './retry-failed.ts';
export { findDataHash } from './find-data-hash.ts';

// What trials measured
export { recordMeasurements, type MeasurementsWritten, type NewMeasurement } from './record-measurements.ts';
export { listMeasurements, readCurves, readDetails, type Curve } from './curves.ts';
export type { Evaluation } from './evaluation.ts';
export {
  findValidationEvaluation,
  findValidationEvaluations,
  listTestEvaluations,
  listTestEvaluationsOfStudy,
  recordEvaluation,
  recordTestEvaluation,
  testEvaluatedBefore,
  type TestLook,
} from './evaluations.ts';
export type { Checkpoint } from './checkpoint.ts';
export { ENDED_STATES, listCheckpointOwners, type CheckpointOwner } from './checkpoint-owners.ts';
export { listCheckpoints, recordCheckpoint, removeCheckpoint } from './checkpoints.ts';

// Requests that create something
export { once, type OnceRequest } from './once.ts';

// The event log
export { eventsAfter, type StudyEvent } from './events.ts';
export { liveEvents, liveEventsAfter, studySequences, type LiveEvent } from './live-events.ts';
export { listenForChanges, type HintListening } from './change-hints.ts';

// Scheduling
export { completeStudy, pauseForMending } from './complete-study.ts';
export { giveUpLead, takeLead, type Leadership } from './leadership.ts';
export { countSlots, studyLoads, type SlotCounts, type StudyLoad } from './study-loads.ts';
export { reconcileTrialJobs } from './trial-jobs.ts';

// Agents and slots
export {
  findDeadAgents,
  findLivingAgents,
  heartbeat,
  registerAgent,
  stopAgent,
  type Agent,
  type Slot,
} from './agents.ts';
export { listSlotStates, type SlotState } from './slot-states.ts';

export { recordDeviceSamples, type DeviceSample } from './device-samples.ts';

export type { HyperparameterFilter } from './hyperparameter-filter.ts';
export type { KeysetPosition } from './keyset.ts';
export {
  CONFIGURATION_SORT_KEYS,
  configurationPages,
  configurationPosition,
  countConfigurationsMatching,
  type ConfigurationFilter,
  type ConfigurationPageOptions,
  type ConfigurationSortKey,
} from './configuration-page.ts';

// Reading for many at once
export {
  checkpointsOf,
  evaluationsOf,
  findConfigurations,
  measurementsOf,
  trialsByNumber,
  trialsOf,
  type MeasurementOfTrial,
} from './read-many.ts';
export { readSampledCurves, type SampledCurve } from './sampled-curves.ts';

// Analysis
export { listTrialResults, type TrialResult } from './trial-results.ts';
export { findAnalyses, lastChanges, saveAnalysis, type StoredAnalysis } from './analyses.ts';

// Who trains and what waits
export {
  findAgents,
  findSlots,
  listAgents,
  queueDepths,
  runningOn,
  slotsOf,
  type AgentRecord,
  type QueueDepth,
  type SlotRecord,
} from './fleet.ts';

// Rounds and launches
export { ROUND_DECISIONS, type Round, type RoundDecision } from './round.ts';
export { closeRound, createRound, findRounds, listRounds, roundsOf, studiesOfRounds, type NewRound } from './rounds.ts';
export { LAUNCH_DECISIONS, type Launch, type LaunchDecision } from './launch.ts';
export { findLaunches, launchesOf, listLaunches, recordLaunch, type NewLaunch } from './launches.ts';

// Data sets
export {
  datasetId,
  findDataset,
  findDatasets,
  listDatasets,
  saveBaselines,
  saveDataset,
  type Dataset,
} from './datasets.ts';

// Studies from elsewhere, and to elsewhere
export { requireTrainable } from './require-trainable.ts';
export {
  importStudy,
  type ConfigurationRecord,
  type MeasurementRecord,
  type StudyImport,
  type StudyRecord,
  type TrialRecord,
} from './import-study.ts';
export {
  atOneMoment,
  listWithTrials,
  storedMeasurements,
  type ConfigurationWithTrials,
  type StoredMeasurement,
} from './export-study.ts';

// Who may use the API
export { API_ROLES, type ApiRole, type ApiToken } from './api-token.ts';
export { API_SECRET_PATTERN, createApiSecret, hashApiSecret, idOfApiSecret, matchesApiSecret } from './api-secret.ts';
export {
  createApiToken,
  listApiCredentials,
  listApiTokens,
  noteApiTokenUse,
  revokeApiTokens,
  rotateApiToken,
  type ApiCredential,
  type CreatedApiToken,
  type NewApiToken,
} from './api-tokens.ts';

// Whole databases
export {
  copyDatabase,
  insertRows,
  readRows,
  requireCounts,
  requireEmptyDatabase,
  storedTables,
  type RowCounts,
} from './table-copy.ts';
