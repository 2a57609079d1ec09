/** What storage promises, on whatever database: a new one joins by one line in a test file. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../database.ts';
import { describeApiTokens } from './describe-api-tokens.ts';
import { describeDeletion } from './describe-deletion.ts';
import { describeDevices } from './describe-devices.ts';
import { describeEvents } from './describe-events.ts';
import { describeLeases } from './describe-leases.ts';
import { describeImports } from './describe-imports.ts';
import { describeMeasurements } from './describe-measurements.ts';
import { describeReading } from './describe-reading.ts';
import { describeRounds } from './describe-rounds.ts';
import { describeSampling } from './describe-sampling.ts';
import { describeOnce } from './describe-once.ts';
import { describeStudies } from './describe-studies.ts';
import { describeTrialJobs } from './describe-trial-jobs.ts';
import { describeTrialPage } from './describe-trial-page.ts';
import { describeTrials } from './describe-trials.ts';

export interface OpenDatabase extends AsyncDisposable {
  readonly db: Database;
}

/** Gives the database of the running test. */
export type DatabaseOf = () => Database;

export function describeStorage(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`storage on ${name}`, () => {
    let opened: OpenDatabase | undefined;
    beforeAll(async () => {
      opened = await open();
    }, 120_000);
    afterAll(async () => {
      await opened?.[Symbol.asyncDispose]();
    });
    const databaseOf: DatabaseOf = () => {
      if (opened === undefined) throw new Error('the database is open while tests run');
      return opened.db;
    };
    describeApiTokens(databaseOf);
    describeStudies(databaseOf);
    describeDeletion(databaseOf);
    describeOnce(databaseOf);
    describeTrials(databaseOf);
    describeTrialJobs(databaseOf);
    describeSampling(databaseOf);
    describeTrialPage(databaseOf);
    describeLeases(databaseOf);
    describeMeasurements(databaseOf);
    describeEvents(databaseOf);
    describeImports(databaseOf);
    describeDevices(databaseOf);
    describeReading(databaseOf);
    describeRounds(databaseOf);
  });
}
