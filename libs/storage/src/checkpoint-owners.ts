/** What decides which trials' checkpoints may go. */
import { TRIAL_STATES, type TrialState } from '@kinetune/study';
import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { configurations, launches, studies, trials } from './schema/index.ts';
import { withStorageFailures } from './storage-failure.ts';

export interface CheckpointOwner {
  readonly trialId: string;
  readonly state: TrialState;
  readonly finishedAt: Date | null;
  /** The best trial of its study, or one of its study's best configuration. */
  readonly isBest: boolean;
  /** Of a configuration that was adopted, or that another one was compared with when it was. */
  readonly isAdopted: boolean;
}

/** Every trial there is, by id. */
export async function listCheckpointOwners(db: Database): Promise<ReadonlyMap<string, CheckpointOwner>> {
  const better = sql`case when ${studies.objective} ->> 'direction' = 'minimise' then -1 else 1 end`;
  const first = (value: ReturnType<typeof sql>) =>
    sql<boolean>`coalesce(rank() over (partition by ${trials.studyId} order by ${value} * ${better} desc nulls last) = 1 and ${value} is not null, false)`;
  const finishedValue = sql`case when ${trials.state} in ('COMPLETED', 'PRUNED') then ${trials.bestValue} end`;
  const rows = await withStorageFailures(() =>
    db
      .select({
        trialId: trials.id,
        state: trials.state,
        finishedAt: trials.finishedAt,
        isBestTrial: first(finishedValue),
        isOfBest: first(sql`${configurations.objective}`),
        isAdopted: sql<boolean>`exists (select 1 from ${launches} where ${launches.decision} = 'adopted'
          and (${launches.configurationId} = ${trials.configurationId} or ${launches.baselineId} = ${trials.configurationId}))`,
      })
      .from(trials)
      .innerJoin(configurations, sql`${configurations.id} = ${trials.configurationId}`)
      .innerJoin(studies, sql`${studies.id} = ${trials.studyId}`),
  );
  return new Map(
    rows.map(({ isBestTrial, isOfBest, ...row }) => [row.trialId, { ...row, isBest: isBestTrial || isOfBest }]),
  );
}

/** Trials whose training is over for good: a failed one may be tried again. */
export const ENDED_STATES: readonly TrialState[] = TRIAL_STATES.filter(
  (state) => state !== 'QUEUED' && state !== 'RUNNING' && state !== 'FAILED',
);
