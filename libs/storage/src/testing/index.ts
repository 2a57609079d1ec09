// The contract every database is held to
export { describeStorage, type OpenDatabase } from './describe-storage.ts';

// Samples
export { sampleStudy } from './sample-study.ts';
