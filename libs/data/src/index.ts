// Recordings
export type { Channel, Dataset, ImportNote, OfficialSplit, Recording, Segment } from './recording.ts';

// Importers
export {
  IMPORT_KINDS,
  importDataset,
  locateDataset,
  type ImportKind,
  type ImportOptions,
  type LocatedDataset,
} from './import/import-dataset.ts';
export type { CsvOptions } from './import/csv-options.ts';

// Fetching
export { fetchWatchData, type FetchedWatchData, type FetchWatchOptions } from './fetch/fetch-watch-data.ts';
export { fetchPublicDataset, type FetchDatasetOptions, type FetchedDataset } from './fetch/fetch-public-dataset.ts';
export type { DownloadProgress } from './fetch/download-file.ts';
export {
  PUBLIC_DATASET_NAMES,
  PUBLIC_DATASETS,
  type PublicDataset,
  type PublicDatasetName,
} from './fetch/public-datasets.ts';

// Windows, splits, audits and baselines
export type { Windows, WindowsInfo } from './windows/windows.ts';
export { cutWindows } from './windows/cut-windows.ts';
export {
  windowOptionsInSamples,
  type WindowOptions,
  type WindowOptionsInSamples,
  type WindowOptionsInSeconds,
} from './windows/window-options.ts';
export { withoutOverlap } from './windows/without-overlap.ts';
export { windowsCacheKey } from './cache/windows-cache-key.ts';
export { loadWindows, type LoadedWindows, type LoadWindowsOptions } from './cache/load-windows.ts';
export { readWindows, writeWindows } from './cache/windows-file.ts';
export { createSplit, foldCountOf, type CreateSplitOptions, type SplitSource } from './split/create-split.ts';
export { PARTS, type Part, type Split, type SplitNote } from './split/split.ts';
export { parseSplit } from './split/parse-split.ts';
export { partIndices } from './split/part-indices.ts';
export { fitScaler, standardise, type Scaler } from './standardise/scaler.ts';
export { addMatrices, confusionMatrix } from './metrics/confusion-matrix.ts';
export { classScores, type ClassScore } from './metrics/class-scores.ts';
export { calibration, type Calibration, type CalibrationBin } from './metrics/calibration-error.ts';
export { subjectScores, type SubjectScore } from './metrics/subject-scores.ts';
export { bootstrapInterval, type Interval } from './metrics/bootstrap-interval.ts';
export {
  BASELINES,
  runBaselines,
  type BaselineName,
  type BaselineOptions,
  type BaselineScore,
} from './baseline/run-baselines.ts';
export { crossValidateBaselines, type CrossValidated } from './baseline/cross-validate-baselines.ts';
export { windowFeatures, type FeatureMatrix } from './baseline/window-features.ts';
export {
  fitLogisticRegression,
  mostProbable,
  predictProbabilities,
  type LogisticRegression,
  type LogisticRegressionOptions,
} from './baseline/logistic-regression.ts';
export {
  auditLeaks,
  LEAKS,
  type LeakAudit,
  type LeakFinding,
  type LeakKind,
  type SharedByParts,
} from './leak-audit/audit-leaks.ts';

// Sample rates and axes
export { resampleDataset, type ResampleOptions } from './resample/resample-dataset.ts';
export { INTERPOLATIONS, type Interpolation } from './resample/interpolate.ts';
export { reorientDataset, SIGNED_AXES, type ReorientOptions, type SignedAxis } from './resample/reorient-dataset.ts';

// Synthetic recordings
export { ACTIVITIES, type Activity } from './synthetic/activities.ts';
export { DEFAULT_SYNTHETIC_OPTIONS, type SyntheticOptions } from './synthetic/dials.ts';
export { generateDataset, syntheticContentHash } from './synthetic/generate-dataset.ts';
