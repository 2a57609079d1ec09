import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  finishTrial,
  openStorage,
  recordMeasurements,
  studySequences,
  type NewMeasurement,
  type Storage,
} from '@kinetune/storage';
import { measured, runningStudy } from '@kinetune/storage/testing';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { followCurves } from './follow-curves.ts';
import type { LivePruner } from './live-pruner.ts';

let homes: PreparedHomes;
let storage: Storage;
beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

it('a pruner hears of what other agents measure, once, and of the ends of their trials, and not of its own', async () => {
  const { db } = storage;
  const { study, propose, claim } = await runningStudy(db);
  await propose(0);
  await propose(1);
  const [own, other] = [await claim(), await claim()];
  const noted: [number, NewMeasurement][] = [];
  const ended: string[] = [];
  const pruner: LivePruner = {
    judge: () => undefined,
    add: () => undefined,
    note: ({ number }, stored) => noted.push(...stored.map((one): [number, NewMeasurement] => [number, one])),
    end: (id, state) => ended.push(`${id} ${state}`),
  };
  const from = (await studySequences(db, [study.id])).get(study.id) as number;
  const follower = followCurves(db, study, { pruner, from });
  const isOwn = (id: string): boolean => id === own.trial.id;
  await recordMeasurements(db, own.writer, [measured(1, 0.1)]);
  await recordMeasurements(db, other.writer, [measured(1, 0.2, 0.7), measured(2, 0.3, 0.6)]);
  await Promise.all([follower.catchUp(isOwn), follower.catchUp(isOwn)]);
  expect(noted).toEqual([
    [1, { step: 1, epoch: 0.1, values: { trainLoss: 0.7, validationAccuracy: 0.2 } }],
    [1, { step: 2, epoch: 0.2, values: { trainLoss: 0.6, validationAccuracy: 0.3 } }],
  ]);
  await finishTrial(db, other.writer, { state: 'COMPLETED' });
  await follower.catchUp(isOwn);
  expect(noted).toHaveLength(2);
  expect(ended).toEqual([`${other.trial.id} COMPLETED`]);
});
