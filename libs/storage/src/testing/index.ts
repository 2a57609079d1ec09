// The contract every database is held to
export { describeStorage, type OpenDatabase } from './describe-storage.ts';

// Samples
export { sampleStudy } from './sample-study.ts';
export { runningStudy, type RunningStudy } from './running-study.ts';
