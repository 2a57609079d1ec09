// The contract every database is held to
export { describeStorage, type OpenDatabase } from './describe-storage.ts';

// Samples
export { sampleStudy } from './sample-study.ts';
export { measured, runningStudy, type RunningStudy } from './running-study.ts';

// A PostgreSQL server
export { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';
