import { describe, expect, it } from 'vitest';
import { eventsAfter } from '../events.ts';
import { finishTrial } from '../finish-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { createStudy, findStudy } from '../studies.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { measured, runningStudy } from './running-study.ts';
import { sampleStudy } from './sample-study.ts';

export function describeEvents(databaseOf: DatabaseOf): void {
  describe('events', () => {
    it('have a sequence without gaps in the order of commits, whatever happens at once', async () => {
      const db = databaseOf();
      const { study, propose, claim } = await runningStudy(db);
      await Promise.all(Array.from({ length: 8 }, (_, number) => propose(number)));
      const claimed = await Promise.all(Array.from({ length: 8 }, () => claim()));
      await Promise.all(
        claimed.flatMap(({ writer }) => [1, 2, 3].map((step) => recordMeasurements(db, writer, [measured(step, 0.5)]))),
      );
      // A transaction that fails takes no sequence.
      await expect(propose(-1)).rejects.toThrow();
      await Promise.all(claimed.map(({ writer }) => finishTrial(db, writer, { state: 'COMPLETED' })));
      const events = await eventsAfter(db, study.id, { sequence: 0 });
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      expect(events).toHaveLength(1 + 8 * 2 + 8 + 24 + 8);
      expect((await findStudy(db, study.id))?.eventSequence).toBe(events.length);
    });

    it('are read on from a cursor, a page at a time: nothing missed, nothing twice', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      for (const number of [0, 1, 2]) await propose(number);
      const all = await eventsAfter(db, study.id, { sequence: 0 });
      const pages = [];
      for (let sequence = 0; ;) {
        const page = await eventsAfter(db, study.id, { sequence, limit: 2 });
        if (page.length === 0) break;
        pages.push(...page);
        sequence = page.at(-1)?.sequence as number;
      }
      expect(pages).toEqual(all);
      expect(all.map(({ type }) => type)).toEqual([
        'study-created',
        ...[0, 1, 2].flatMap(() => ['configuration-created', 'trial-changed']),
      ]);
    });

    it('of one study are apart from those of another', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      await createStudy(db, sampleStudy({ name: 'another' }));
      expect(await eventsAfter(db, study.id, { sequence: 0 })).toHaveLength(1);
    });
  });
}
