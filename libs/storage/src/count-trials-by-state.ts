/** What all studies together are doing, for those who watch over the machines. */
import { TRIAL_STATES, type TrialState } from '@kinetune/study';
import { count } from 'drizzle-orm';
import type { Database } from './database.ts';
import { trials } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

/** Every state, also those that no trial is in. */
export async function countTrialsByState(db: Database): Promise<Readonly<Record<TrialState, number>>> {
  const rows = await withStorageFailures(() =>
    db.select({ state: trials.state, trials: count() }).from(trials).groupBy(trials.state),
  );
  const counts = Object.fromEntries(TRIAL_STATES.map((state) => [state, 0])) as Record<TrialState, number>;
  for (const row of rows) counts[row.state] = row.trials;
  return counts;
}
