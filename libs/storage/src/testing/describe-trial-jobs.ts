/** What the queue promises: a job for every queued trial and for no other, whatever else goes wrong. */
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { registerAgent } from '../agents.ts';
import { claimTrial } from '../claim-trial.ts';
import { completeStudy, pauseForMending } from '../complete-study.ts';
import { createConfiguration } from '../configurations.ts';
import { cancelTrial, finishTrial } from '../finish-trial.ts';
import { giveUpLead, takeLead } from '../leadership.ts';
import { createReplicates } from '../replicates.ts';
import { resumeStudy } from '../pause-study.ts';
import { releaseTrial, requeueLost, requeueTrial } from '../requeue-trial.ts';
import { cancelStudy, findStudy, setStudyState, updateStudyBudget } from '../studies.ts';
import { countSlots, studyLoads } from '../study-loads.ts';
import { reconcileTrialJobs } from '../trial-jobs.ts';
import { findTrial, listTrials } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { runningStudy } from './running-study.ts';

export function describeTrialJobs(databaseOf: DatabaseOf): void {
  /** Ids of the trials of a study that have a job, as pg-boss keeps them. */
  const jobsOf = async (studyId: string): Promise<readonly string[]> => {
    const rows = await databaseOf()
      .select({ id: sql<string>`id`, state: sql<string>`state::text` })
      .from(sql`pgboss.job`)
      .where(sql`name = 'trials' and group_id = ${studyId}`);
    expect(rows.every(({ state }) => state === 'created')).toBe(true);
    return rows.map(({ id }) => id).toSorted();
  };
  const idsOf = (trials: readonly { readonly id: string }[]): readonly string[] =>
    trials.map(({ id }) => id).toSorted();

  describe('the queue', () => {
    it('has a job for each trial from the moment it is queued to the moment it is claimed', async () => {
      const { study, propose, claim } = await runningStudy(databaseOf());
      const trials = [...(await propose(0, [1, 2])), ...(await propose(1))];
      expect(await jobsOf(study.id)).toEqual(idsOf(trials));
      const { trial, writer } = await claim();
      expect(trial).toMatchObject({ number: 0, replicate: 0 });
      expect(await jobsOf(study.id)).toEqual(idsOf(trials.slice(1)));
      await releaseTrial(databaseOf(), writer, 'stopped');
      expect(await jobsOf(study.id)).toEqual(idsOf(trials));
      await createReplicates(databaseOf(), study.id, { number: 1, trials: [{ seed: 9, fold: 0 }] });
      expect(await jobsOf(study.id)).toHaveLength(4);
    });

    it('gets nothing of a transaction that is rolled back', async () => {
      const { study } = await runningStudy(databaseOf());
      const rolledBack = databaseOf().transaction(async (tx) => {
        await createConfiguration(tx, study.id, {
          number: 0,
          values: { learningRate: 0.01 },
          spaceVersion: 1,
          samplerNote: { sampler: 'halton', engineVersion: 1, reason: 'test' },
          trials: [{ seed: 1, fold: 0 }],
        });
        throw new Error('changed my mind');
      });
      await expect(rolledBack).rejects.toThrow('changed my mind');
      expect(await jobsOf(study.id)).toEqual([]);
      expect(await listTrials(databaseOf(), study.id)).toEqual([]);
    });

    it('gives each trial to one of many who claim at once, and no trial of another study', async () => {
      const [one, other] = [await runningStudy(databaseOf()), await runningStudy(databaseOf())];
      for (let number = 0; number < 4; number++) await one.propose(number);
      await other.propose(0);
      const slotId = one.agent.slots[0]?.id as string;
      const claims = Array.from({ length: 7 }, () =>
        claimTrial(databaseOf(), { studyId: one.study.id, agentId: one.agent.id, slotId }),
      );
      const claimed = (await Promise.all(claims)).filter((trial) => trial !== undefined);
      expect(claimed.map(({ number }) => number).toSorted()).toEqual([0, 1, 2, 3]);
      expect(await jobsOf(one.study.id)).toEqual([]);
      expect(await jobsOf(other.study.id)).toHaveLength(1);
    });

    it('is never asked for more trials than may run at once', async () => {
      const { study, agent, propose } = await runningStudy(databaseOf());
      for (let number = 0; number < 3; number++) await propose(number);
      const claimant = { studyId: study.id, agentId: agent.id, slotId: agent.slots[0]?.id as string, mostRunning: 2 };
      const claims = await Promise.all([1, 2, 3].map(() => claimTrial(databaseOf(), claimant)));
      expect(claims.filter((trial) => trial !== undefined)).toHaveLength(2);
      expect(await jobsOf(study.id)).toHaveLength(1);
    });

    it('drops the job of a trial that is not queued any more, and goes on to the next', async () => {
      const { study, propose, claim } = await runningStudy(databaseOf());
      const [cancelled] = await propose(0);
      const [next] = await propose(1);
      await cancelTrial(databaseOf(), cancelled?.id as string, 'not needed');
      expect((await claim()).trial.id).toBe(next?.id);
      expect(await jobsOf(study.id)).toEqual([]);
    });

    it('is mended where a job is missing or left over', async () => {
      const { study, propose, claim } = await runningStudy(databaseOf());
      const [first] = await propose(0);
      const [second] = await propose(1);
      await reconcileTrialJobs(databaseOf());
      const writer = (await claim()).writer;
      await databaseOf().execute(sql`delete from pgboss.job where group_id = ${study.id}`);
      await databaseOf().execute(
        sql`insert into pgboss.job (name, id, data, group_id) values ('trials', ${first?.id}, '{}', ${study.id})`,
      );
      expect(await reconcileTrialJobs(databaseOf())).toEqual({ given: 1, dropped: 1 });
      expect(await jobsOf(study.id)).toEqual([second?.id]);
      expect(await reconcileTrialJobs(databaseOf())).toEqual({ given: 0, dropped: 0 });
      await finishTrial(databaseOf(), writer, { state: 'COMPLETED' });
      expect((await claim()).trial.id).toBe(second?.id);
    });
  });

  describe('scheduling', () => {
    it('is led by one process at a time, the next one when the lead is given up or has expired', async () => {
      const [first, second] = ['first', 'second'].map((holder) => ({ name: 'test', holder }));
      const lead = (who: typeof first, forMs: number) =>
        takeLead(databaseOf(), who as { name: string; holder: string }, forMs);
      expect(await Promise.all([lead(first, 60_000), lead(first, 60_000)])).toEqual([true, true]);
      expect(await lead(second, 60_000)).toBe(false);
      await giveUpLead(databaseOf(), second as { name: string; holder: string });
      expect(await lead(second, 60_000)).toBe(false);
      await giveUpLead(databaseOf(), first as { name: string; holder: string });
      expect(await lead(second, -1)).toBe(true);
      expect(await lead(first, 60_000)).toBe(true);
      expect(await lead(second, 60_000)).toBe(false);
    });

    it('sees the running studies with what they have and want, and the slots of the living', async () => {
      const { study, agent, propose, claim } = await runningStudy(databaseOf());
      const before = await countSlots(databaseOf(), { silentForMs: 60_000 });
      await propose(0, [1, 2]);
      await propose(4);
      const { writer } = await claim();
      const loadOf = async () => (await studyLoads(databaseOf())).find((load) => load.study.id === study.id);
      expect(await loadOf()).toMatchObject({ queued: 2, running: 1, failed: 0, nextNumber: 5, study: { priority: 0 } });
      const after = await countSlots(databaseOf(), { silentForMs: 60_000 });
      expect(after).toEqual({ slots: before.slots, free: before.free - 1 });
      await databaseOf().execute(
        sql`update agents set heartbeat_at = now() - interval '1 hour' where id = ${agent.id}`,
      );
      expect((await countSlots(databaseOf(), { silentForMs: 60_000 })).slots).toBe(before.slots - 1);
      await finishTrial(databaseOf(), writer, { state: 'COMPLETED' });
      await setStudyState(databaseOf(), study.id, 'PAUSED');
      expect(await loadOf()).toBeUndefined();
    });

    it('takes back the trials of an agent that fell silent, which counts as a failure of the machine', async () => {
      const { study, agent, propose, claim } = await runningStudy(databaseOf());
      const living = await registerAgent(databaseOf(), { host: 'other', pid: 2, devices: ['CPU'] });
      await propose(0);
      await propose(1);
      const { trial } = await claim();
      const kept = await claimTrial(databaseOf(), {
        studyId: study.id,
        agentId: living.id,
        slotId: living.slots[0]?.id as string,
      });
      await databaseOf().execute(
        sql`update agents set heartbeat_at = now() - interval '1 hour' where id = ${agent.id}`,
      );
      expect(await requeueLost(databaseOf(), { silentForMs: 60_000, maxFailures: 2 })).toContain(trial.id);
      expect(await findTrial(databaseOf(), trial.id)).toMatchObject({
        state: 'QUEUED',
        failures: 1,
        reasonCode: 'agent-lost',
        fencingToken: trial.fencingToken + 1,
      });
      expect(await findTrial(databaseOf(), kept?.id as string)).toMatchObject({ state: 'RUNNING' });
      await claim();
      await requeueLost(databaseOf(), { silentForMs: 60_000, maxFailures: 2 });
      expect(await findTrial(databaseOf(), trial.id)).toMatchObject({ state: 'FAILED', failures: 2 });
    });

    it('completes a study as it was seen, and not one that was given more to do', async () => {
      const { study, propose, claim } = await runningStudy(databaseOf(), { budget: { trials: 1 } });
      await propose(0);
      const { writer } = await claim();
      expect(await completeStudy(databaseOf(), study)).toBe(false);
      await finishTrial(databaseOf(), writer, { state: 'COMPLETED' });
      await updateStudyBudget(databaseOf(), study.id, { trials: 3 });
      expect(await completeStudy(databaseOf(), study)).toBe(false);
      const now = await findStudy(databaseOf(), study.id);
      expect(await completeStudy(databaseOf(), now as typeof study)).toBe(true);
      expect((await findStudy(databaseOf(), study.id))?.state).toBe('COMPLETED');
    });

    it('pauses a study whose last trials the machine failed, and resuming it tries them again', async () => {
      const { study, propose, claim } = await runningStudy(databaseOf(), { budget: { trials: 2 } });
      for (const number of [0, 1]) await propose(number);
      const fail = { reasonCode: 'crashed', reason: 'the trainer died', maxFailures: 1 };
      await requeueTrial(databaseOf(), (await claim()).writer, fail);
      expect(await pauseForMending(databaseOf(), study)).toBe(0); // one is queued
      await finishTrial(databaseOf(), (await claim()).writer, { state: 'COMPLETED' });
      expect(await completeStudy(databaseOf(), study)).toBe(false);
      expect(await pauseForMending(databaseOf(), study)).toBe(1);
      expect(await findStudy(databaseOf(), study.id)).toMatchObject({ state: 'PAUSED' });
      expect(await resumeStudy(databaseOf(), study.id)).toMatchObject({ state: 'RUNNING' });
      expect((await claim()).trial).toMatchObject({ number: 0, failures: 0, attempts: 2 });
    });

    it('adds no configuration to a cancelled study', async () => {
      const { study, propose } = await runningStudy(databaseOf());
      await cancelStudy(databaseOf(), study.id, 'enough');
      await expect(propose(0)).rejects.toMatchObject({ code: 'study-cancelled' });
    });
  });
}
