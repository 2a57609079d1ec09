import { describe, expect, it } from 'vitest';
import { recordDeviceSamples } from '../device-samples.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { requeueOutOfMemory } from '../requeue-out-of-memory.ts';
import { requeueTrial } from '../requeue-trial.ts';
import { listSlotStates } from '../slot-states.ts';
import { findTrial } from '../trials.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';

export function describeDevices(databaseOf: DatabaseOf): void {
  describe('devices', () => {
    it('have the last sample beside their slots, and those that are gone are passed over', async () => {
      const db = databaseOf();
      const { agent } = await runningStudy(db);
      const slotId = agent.slots[0]?.id as string;
      const sample = { slotId, gpuUuid: 'GPU-a', memoryTotalBytes: 80e9, memoryUsedBytes: 1e9, utilisation: 0.5 };
      await recordDeviceSamples(db, [sample]);
      const gone = { ...sample, slotId: '00000000-0000-4000-8000-000000000000' };
      await recordDeviceSamples(db, [gone, { ...sample, memoryUsedBytes: 70e9, utilisation: null }]);
      const states = await listSlotStates(db, { silentForMs: 60_000 });
      expect(states.find(({ id }) => id === slotId)).toMatchObject({
        memoryTotalBytes: 80e9,
        memoryUsedBytes: 70e9,
        utilisation: null,
      });
    });
  });

  describe('a trial that runs out of memory', () => {
    it('is queued again the first time without a failure, and never a second time, whatever happened between', async () => {
      const db = databaseOf();
      const { propose, claim } = await runningStudy(db);
      const [trial] = await propose(0);
      const find = () => findTrial(db, trial?.id as string);
      const first = await claim();
      expect(await requeueOutOfMemory(db, first.writer, 'the GPU is full')).toEqual({ outcome: 'requeued' });
      expect(await find()).toMatchObject({
        state: 'QUEUED',
        failures: 0,
        reasonCode: 'out-of-memory',
        reason: 'the GPU is full',
      });
      expect(await requeueOutOfMemory(db, first.writer, 'again')).toMatchObject({ outcome: 'fenced' });
      const second = await claim();
      await recordMeasurements(db, second.writer, [measured(5, 0.5)]);
      await requeueTrial(db, second.writer, { reasonCode: 'crashed', reason: 'another', maxFailures: 3 });
      const third = await claim();
      expect(await requeueOutOfMemory(db, third.writer, 'the GPU is full')).toEqual({ outcome: 'again' });
      expect(await find()).toEqual(third.trial);
    });
  });
}
