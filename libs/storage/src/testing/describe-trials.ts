import { describe, expect, it } from 'vitest';
import { findDeadAgents, findLivingAgents, heartbeat, stopAgent } from '../agents.ts';
import { claimTrial, recordTrialStart } from '../claim-trial.ts';
import { listConfigurations } from '../configurations.ts';
import { cancelTrial, finishTrial } from '../finish-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { releaseTrial, requeueOrphans, requeueTrial } from '../requeue-trial.ts';
import { countSlots } from '../study-loads.ts';
import { retryFailedTrials } from '../retry-failed.ts';
import { setStudyState } from '../studies.ts';
import { findTrial, listTrials } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';

const crash = { reasonCode: 'crashed', reason: 'the trainer died', maxFailures: 3 };

export function describeTrials(databaseOf: DatabaseOf): void {
  describe('trials', () => {
    it('are claimed in the order of their numbers, each once, however many ask at a time', async () => {
      const db = databaseOf();
      const { study, agent, propose } = await runningStudy(db);
      for (const number of [2, 0, 1]) await propose(number);
      const claimant = { studyId: study.id, agentId: agent.id, slotId: agent.slots[0]?.id as string };
      const claims = await Promise.all([1, 2, 3, 4].map(() => claimTrial(db, claimant)));
      // Who of those that ask together comes first is the database's choice.
      claims.sort((a, b) => (a?.number ?? Infinity) - (b?.number ?? Infinity));
      expect(claims.map((trial) => trial?.number)).toEqual([0, 1, 2, undefined]);
      expect(claims[0]).toMatchObject({ state: 'RUNNING', attempts: 1, fencingToken: 1, agentId: agent.id });
      expect(claims[0]?.startedAt).toBeInstanceOf(Date);
    });

    it('are not claimed while their study is paused', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      await setStudyState(db, study.id, 'PAUSED');
      await expect(claim()).rejects.toThrow('expected a queued trial');
      await setStudyState(db, study.id, 'RUNNING');
      expect((await claim()).trial.number).toBe(0);
    });

    it('are claimed by one version of the code, of several that begin a study at once', async () => {
      const db = databaseOf();
      const { study, agent, propose } = await runningStudy(db);
      for (const number of [0, 1, 2]) await propose(number);
      const claimOf = (gitCommit: string, { isBound = true } = {}) => {
        const code = { gitCommit, lockFileSha256: 'lock' };
        const slotId = agent.slots[0]?.id as string;
        const claimant = { studyId: study.id, agentId: agent.id, slotId, fingerprintOf: () => code };
        return claimTrial(db, isBound ? { ...claimant, code } : claimant);
      };
      const claims = await Promise.allSettled(['one', 'two'].map((commit) => claimOf(commit)));
      const claimed = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
      const refused = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason] : []));
      expect(claimed).toHaveLength(1);
      const commit = String(claimed[0]?.fingerprint?.gitCommit);
      const other = commit === 'one' ? 'two' : 'one';
      expect(refused).toEqual([
        expect.objectContaining({
          code: 'code-differs',
          message: expect.stringContaining(`expected gitCommit ${commit}, got ${other} here`),
        }),
      ]);
      // Given back before it measured, it binds nobody; who is not bound claims in any case.
      const writer = { trialId: claimed[0]?.id as string, fencingToken: claimed[0]?.fencingToken as number };
      await releaseTrial(db, writer, 'stopped');
      expect((await claimOf(other))?.fingerprint).toMatchObject({ gitCommit: other });
      await expect(claimOf(commit)).rejects.toMatchObject({ code: 'code-differs' });
      expect((await claimOf(commit, { isBound: false }))?.number).toBe(1);
    });

    it('end once: the second end is refused and changes nothing', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { writer, trial } = await claim();
      await recordMeasurements(db, writer, [measured(1, 0.8)]);
      const ends = [
        { state: 'INFEASIBLE', reasonCode: 'diverged', reason: 'the loss is not finite' },
        { state: 'INFEASIBLE', reasonCode: 'out-of-memory', reason: 'there was too little' },
      ] as const;
      const outcomes = (await Promise.all(ends.map((end) => finishTrial(db, writer, end)))).map(
        ({ outcome }) => outcome,
      );
      // Which of two that come together is the first is the database's choice.
      expect([...outcomes].sort()).toEqual(['ended', 'written']);
      const end = ends[outcomes.indexOf('written')];
      expect(await findTrial(db, trial.id)).toMatchObject({ ...end, bestValue: 0.8, finishedAt: expect.any(Date) });
      expect(await finishTrial(db, writer, { state: 'COMPLETED' })).toMatchObject({ outcome: 'ended' });
      expect((await listConfigurations(db, study.id))[0]).toMatchObject({ objective: null });
    });

    it('give their configuration the mean of their best values once all have completed', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0, [1, 2]);
      for (const [accuracy, objective] of [
        [0.6, null],
        [0.8, 0.7],
      ] as const) {
        const { writer } = await claim();
        await recordMeasurements(db, writer, [measured(1, accuracy)]);
        await finishTrial(db, writer, { state: 'COMPLETED' });
        const [configuration] = await listConfigurations(db, study.id);
        if (objective === null) expect(configuration?.objective).toBeNull();
        else expect(configuration?.objective).toBeCloseTo(objective, 12);
      }
    });

    it('refuse every write of a zombie whose trial was claimed again', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      const zombie = await claim();
      expect(await requeueTrial(db, zombie.writer, crash)).toEqual({ outcome: 'requeued', failures: 1 });
      const second = await claim();
      expect(second.trial.id).toBe(zombie.trial.id);
      expect(second.trial.attempts).toBe(2);
      for (const write of [
        recordMeasurements(db, zombie.writer, [measured(1, 0.99)]),
        recordTrialStart(db, zombie.writer, { weightCount: 1 }),
        finishTrial(db, zombie.writer, { state: 'COMPLETED' }),
        requeueTrial(db, zombie.writer, crash),
        releaseTrial(db, zombie.writer, 'stop'),
      ]) {
        expect(await write).toMatchObject({ outcome: 'fenced', state: 'RUNNING' });
      }
      expect(await findTrial(db, zombie.trial.id)).toEqual(second.trial);
    });

    it('fail when the machine fails three times without progress, and not before', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      const [trial] = await propose(0);
      for (const failures of [1, 2]) {
        expect(await requeueTrial(db, (await claim()).writer, crash)).toEqual({ outcome: 'requeued', failures });
      }
      const third = await claim();
      await recordMeasurements(db, third.writer, [measured(5, 0.5)]);
      expect(await requeueTrial(db, third.writer, crash)).toEqual({ outcome: 'requeued', failures: 1 });
      expect(await requeueTrial(db, (await claim()).writer, crash)).toEqual({ outcome: 'requeued', failures: 2 });
      expect(await requeueTrial(db, (await claim()).writer, crash)).toEqual({ outcome: 'failed', failures: 3 });
      expect(await findTrial(db, trial?.id as string)).toMatchObject({
        state: 'FAILED',
        reason: expect.stringContaining('3 times'),
        attempts: 5,
      });
    });

    it('that failed go back into the queue when asked to, with their measurements and no failures', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      const [trial] = await propose(0);
      const writer = (await claim()).writer;
      await recordMeasurements(db, writer, [measured(5, 0.5)]);
      await requeueTrial(db, writer, { ...crash, maxFailures: 1 });
      expect(await findTrial(db, trial?.id as string)).toMatchObject({ state: 'FAILED' });
      expect(await retryFailedTrials(db, study.id)).toEqual([trial?.id]);
      expect(await findTrial(db, trial?.id as string)).toMatchObject({
        state: 'QUEUED',
        failures: 0,
        resumableStep: 5,
      });
      expect(await retryFailedTrials(db, study.id)).toEqual([]);
      expect(await recordMeasurements(db, writer, [measured(6, 0.9)])).toMatchObject({ outcome: 'fenced' });
      expect((await claim()).trial.id).toBe(trial?.id);
    });

    it('go back into the queue when their agent is gone, keep what they measured and know where to go on', async () => {
      const db = databaseOf();
      const { agent, propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      await recordMeasurements(db, writer, [
        { ...measured(10, 0.5), isResumable: true },
        { ...measured(20, 0.6), isResumable: false },
      ]);
      const living = await findLivingAgents(db, new Date(0));
      expect(living).toContain(agent.id);
      expect(await requeueOrphans(db, living)).not.toContain(trial.id);
      expect(await requeueOrphans(db, [])).toContain(trial.id);
      expect(await countSlots(db, { silentForMs: 3_600_000 })).toEqual({ slots: 0, free: 0 });
      expect(await findTrial(db, trial.id)).toMatchObject({ state: 'QUEUED', failures: 0, reasonCode: 'orphaned' });
      expect(await recordMeasurements(db, writer, [measured(30, 0.9)])).toMatchObject({ outcome: 'fenced' });
      expect((await claim()).trial).toMatchObject({ id: trial.id, resumableStep: 10, lastStep: 20, attempts: 2 });
    });

    it('released by a clean stop count no failure', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      await propose(0);
      const { trial, writer } = await claim();
      expect(await releaseTrial(db, writer, 'Ctrl-C')).toEqual({ outcome: 'requeued' });
      expect(await findTrial(db, trial.id)).toMatchObject({ state: 'QUEUED', failures: 0, reason: 'Ctrl-C' });
    });

    it('learn from a heartbeat that they were cancelled', async () => {
      const db = databaseOf();
      const { agent, propose, claim } = await runningStudy(db);
      await propose(0);
      await propose(1);
      const [first, second] = [await claim(), await claim()];
      const writers = [first.writer, second.writer];
      expect(await heartbeat(db, agent.id, writers)).toEqual([]);
      expect(await cancelTrial(db, first.trial.id, 'a person said so')).toEqual({ outcome: 'written' });
      expect(await cancelTrial(db, first.trial.id, 'again')).toMatchObject({ outcome: 'ended', state: 'CANCELLED' });
      expect(await heartbeat(db, agent.id, writers)).toEqual([first.writer]);
      expect(await findTrial(db, first.trial.id)).toMatchObject({ state: 'CANCELLED', reason: 'a person said so' });
    });

    it('keep what their trainer said of itself', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await propose(0);
      const { writer } = await claim();
      const start = {
        weightCount: 346_566,
        totalSteps: 1000,
        totalEpochs: 40,
        device: 'CPU, 1 thread',
        fingerprint: { commit: 'abc' },
        runtime: { intraOpThreads: 1, interOpThreads: 1, xla: false, oneDnn: true },
      };
      expect(await recordTrialStart(db, writer, start)).toEqual({ outcome: 'written' });
      expect((await listTrials(db, study.id, { states: ['RUNNING'] }))[0]).toMatchObject(start);
      expect(await listTrials(db, study.id, { states: ['QUEUED'] })).toEqual([]);
    });

    it('tells dead agents from those that stopped in good order', async () => {
      const db = databaseOf();
      const [dead, stopped] = [await runningStudy(db), await runningStudy(db)];
      await stopAgent(db, stopped.agent.id);
      const found = await findDeadAgents(db, new Date(Date.now() + 60_000));
      expect(found).toContain(dead.agent.id);
      expect(found).not.toContain(stopped.agent.id);
      expect(await findDeadAgents(db, new Date(0))).toEqual([]);
    });
  });
}
