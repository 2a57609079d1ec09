import { describe, expect, it } from 'vitest';
import { claimTrial } from '../claim-trial.ts';
import { eventsAfter } from '../events.ts';
import { finishTrial } from '../finish-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { requeueOrphans } from '../requeue-trial.ts';
import { renewLease, requeueExpiredLeases } from '../trial-leases.ts';
import { findTrial } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';

export function describeLeases(databaseOf: DatabaseOf): void {
  describe('leases', () => {
    /** A study that is asked, with one trial; `lease` claims it. */
    async function askedStudy() {
      const db = databaseOf();
      const { study, agent, propose } = await runningStudy(db, { trainer: { kind: 'ask' } });
      await propose(0);
      const lease = async (leaseSeconds: number) => {
        const trial = await claimTrial(db, {
          studyId: study.id,
          agentId: null,
          slotId: null,
          device: 'notebook',
          leaseSeconds,
        });
        if (trial === undefined) throw new Error('expected a queued trial');
        return { trial, writer: { trialId: trial.id, fencingToken: trial.fencingToken } };
      };
      return { db, study, agent, lease };
    }

    it('are the only way to a trial of a study that is asked, and to no other', async () => {
      const { db, study, agent, lease } = await askedStudy();
      const claimant = { agentId: agent.id, slotId: agent.slots[0]?.id as string };
      expect(await claimTrial(db, { studyId: study.id, ...claimant })).toBeUndefined();
      const { trial } = await lease(60);
      expect(trial).toMatchObject({ state: 'RUNNING', agentId: null, device: 'notebook', attempts: 1 });
      expect(trial.leaseEndsAt?.getTime()).toBeGreaterThan(Date.now() + 30_000);
      const other = await runningStudy(db);
      await other.propose(0);
      const asked = { studyId: other.study.id, agentId: null, slotId: null, leaseSeconds: 60 };
      expect(await claimTrial(db, asked)).toBeUndefined();
    });

    it('outlive every agent', async () => {
      const { db, lease } = await askedStudy();
      const { trial } = await lease(60);
      await requeueOrphans(db, []);
      expect((await findTrial(db, trial.id))?.state).toBe('RUNNING');
    });

    it('are renewed by each measurement for as long as they were asked for, and by renewing', async () => {
      const { db, lease } = await askedStudy();
      const { trial, writer } = await lease(60);
      const endOf = async (): Promise<number> => (await findTrial(db, trial.id))?.leaseEndsAt?.getTime() ?? 0;
      const first = await endOf();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await recordMeasurements(db, writer, [measured(1, 0.5)]);
      const second = await endOf();
      expect(second).toBeGreaterThan(first);
      expect(second - first).toBeLessThan(30_000);
      await renewLease(db, writer, 3600);
      const third = await endOf();
      expect(third - second).toBeGreaterThan(3_000_000);
      await recordMeasurements(db, writer, [measured(2, 0.5)]);
      expect((await endOf()) - third).toBeGreaterThanOrEqual(0);
    });

    it('that have ended let nothing be written, and the trial goes back into the queue, until the cap', async () => {
      const { db, study, lease } = await askedStudy();
      const { writer: first } = await lease(0);
      const refused = { outcome: 'expired', state: 'RUNNING' };
      expect(await recordMeasurements(db, first, [measured(1, 0.5)])).toMatchObject(refused);
      expect(await renewLease(db, first, 60)).toMatchObject(refused);
      expect(await finishTrial(db, first, { state: 'COMPLETED' })).toMatchObject(refused);
      const expire = () => requeueExpiredLeases(db, { studyId: study.id, maxFailures: 2 });
      expect(await expire()).toEqual([first.trialId]);
      expect(await expire()).toEqual([]);
      expect(await findTrial(db, first.trialId)).toMatchObject({
        state: 'QUEUED',
        reasonCode: 'lease-expired',
        reason: 'who asked for it gave no sign of life until its lease ended (notebook)',
        leaseEndsAt: null,
        lastStep: null,
      });
      const { writer: second } = await lease(60);
      expect(await recordMeasurements(db, first, [measured(1, 0.5)])).toMatchObject({ outcome: 'fenced' });
      expect(await recordMeasurements(db, second, [measured(1, 0.5)])).toMatchObject({ changedCount: 1 });
      expect(await recordMeasurements(db, second, [measured(1, 0.5)])).toMatchObject({ changedCount: 0 });
      await renewLease(db, second, 0);
      await expire();
      // The measurement was a resumable step: what failed before it is forgotten.
      expect(await findTrial(db, first.trialId)).toMatchObject({ state: 'QUEUED', failures: 1 });
      await lease(0);
      await expire();
      expect(await findTrial(db, first.trialId)).toMatchObject({ state: 'FAILED', failures: 2, attempts: 3 });
      const events = await eventsAfter(db, study.id, { sequence: 0 });
      expect(events.filter(({ detail }) => detail['reasonCode'] === 'lease-expired')).toHaveLength(3);
    });
  });
}
