import { describe, expect, it } from 'vitest';
import { eventsAfter } from '../events.ts';
import { findLaunches, launchesOf, listLaunches, recordLaunch } from '../launches.ts';
import { closeRound, createRound, findRounds, listRounds, roundsOf, studiesOfRounds } from '../rounds.ts';
import { findStudy } from '../studies.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { runningStudy } from './running-study.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';

export function describeRounds(databaseOf: DatabaseOf): void {
  describe('rounds', () => {
    it('hold the studies that they were opened with, and end with what was learned', async () => {
      const db = databaseOf();
      const [first, second] = [await runningStudy(db), await runningStudy(db)];
      const round = await createRound(db, { goal: 'Does dropout help?', studyIds: [first.study.id, second.study.id] });
      expect(round).toMatchObject({ goal: 'Does dropout help?', learned: null, decision: null, closedAt: null });
      expect((await roundsOf(db, [first.study.id, NOWHERE])).get(first.study.id)).toEqual(round);
      const studies = (await studiesOfRounds(db, [round.id])).get(round.id);
      expect(studies?.map(({ id }) => id).sort()).toEqual([first.study.id, second.study.id].sort());

      const end = { learned: 'It does not.', decision: 'nothing-to-adopt' } as const;
      const closed = await closeRound(db, round.id, end);
      expect(closed).toMatchObject({ ...end, closedAt: expect.any(Date) as Date });
      expect((await findRounds(db, [round.id, NOWHERE, 'x'])).get(round.id)).toEqual(closed);
      expect((await listRounds(db)).map(({ id }) => id)).toContain(round.id);
      await expect(closeRound(db, round.id, end)).rejects.toThrow('expected an open round, and this one was closed at');
      await expect(closeRound(db, NOWHERE, end)).rejects.toThrow('expected the id of a round');
      await expect(closeRound(db, round.id, { ...end, learned: ' ' })).rejects.toThrow('expected a sentence');
    });

    it('are not opened over a study that is in another one or does not exist', async () => {
      const db = databaseOf();
      const { study } = await runningStudy(db);
      await createRound(db, { goal: 'one', studyIds: [study.id] });
      const before = (await listRounds(db)).length;
      for (const [id, message] of [
        [study.id, `expected a study that is in no round, and ${study.name} is in one`],
        [NOWHERE, 'expected the id of a study'],
        ['x', 'expected the id of a study'],
      ] as const)
        await expect(createRound(db, { goal: 'two', studyIds: [id] })).rejects.toThrow(message);
      expect(await listRounds(db)).toHaveLength(before);
    });
  });

  describe('launches', () => {
    it('are a ledger with evidence, told of by the event log', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      const round = await createRound(db, { goal: 'one', studyIds: [study.id] });
      const [candidate, baseline] = [await propose(1), await propose(0)].map((trials) => trials[0]?.configurationId);
      const before = (await findStudy(db, study.id))?.eventSequence as number;
      const said = {
        configurationId: candidate as string,
        baselineId: baseline as string,
        decision: 'adopted',
        reason: '+0.3 points for one part',
        decidedBy: 'local',
        evidence: { effect: 0.003, interval: [0.001, 0.005] },
      } as const;
      const launch = await recordLaunch(db, study.id, said);
      expect(launch).toMatchObject({ ...said, studyId: study.id, roundId: round.id });
      expect(await listLaunches(db, { studyId: study.id })).toEqual([launch]);
      expect((await listLaunches(db)).map(({ id }) => id)).toContain(launch.id);
      expect((await findLaunches(db, [launch.id])).get(launch.id)).toEqual(launch);
      expect((await launchesOf(db, 'studyId', [study.id])).get(study.id)).toEqual([launch]);
      expect((await launchesOf(db, 'roundId', [round.id])).get(round.id)).toEqual([launch]);
      const told = await eventsAfter(db, study.id, { sequence: before });
      expect(told).toMatchObject([{ type: 'study-changed', detail: { launch: launch.id, decision: 'adopted' } }]);

      const refused = [
        [{ ...said, baselineId: said.configurationId }, 'expected a candidate other than the baseline'],
        [{ ...said, configurationId: NOWHERE }, 'expected the id of a configuration of this study'],
        [{ ...said, baselineId: NOWHERE }, 'expected the id of a configuration'],
      ] as const;
      for (const [wrong, message] of refused) await expect(recordLaunch(db, study.id, wrong)).rejects.toThrow(message);
      expect(await listLaunches(db, { studyId: study.id })).toHaveLength(1);
    });
  });
}
