import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  cancelStudy,
  deleteStudy,
  openStorage,
  recordMeasurements,
  studySequences,
  type LiveEvent,
  type Storage,
} from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStudyFeed, type StudyFeed } from './study-feed.ts';

const quick = { gapMs: 5 };

describe('the feed of a study', () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-feed-'));
  let storage: Storage;
  beforeAll(async () => {
    storage = await openStorage(home);
  });
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });

  /** A study with one running trial, and a function that measures its next steps. */
  async function runningTrial() {
    const { db } = storage;
    const { study, propose, claim } = await runningStudy(db);
    await propose(0);
    const { writer } = await claim();
    let step = 0;
    const measure = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        step++;
        await recordMeasurements(db, writer, [{ step, epoch: step, values: { trainLoss: 1 / step } }]);
      }
    };
    const before = (await studySequences(db, [study.id])).get(study.id) as number;
    return { studyId: study.id, before, measure };
  }

  async function collect(feed: StudyFeed, studyId: string, { after, count }: { after?: number; count: number }) {
    const events: LiveEvent[] = [];
    for await (const batch of feed.follow(studyId, after)) {
      events.push(...batch);
      if (events.length >= count) break;
    }
    return events;
  }

  it('gives every event once and in order from a cursor on, to all that follow', async () => {
    using feed = createStudyFeed(storage.db, quick);
    const { studyId, before, measure } = await runningTrial();
    await measure(3);
    const last = before + 23;
    const following = [0, 2, 4].map((after) => collect(feed, studyId, { after, count: last - after }));
    await measure(20);
    const found = await Promise.all(following);
    found.forEach((events, i) => {
      expect(events.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: last - 2 * i }, (_, k) => 2 * i + k + 1),
      );
    });
    const measured = found[0]?.filter(({ type }) => type === 'measurement') ?? [];
    expect(measured.map(({ measurement }) => measurement?.epoch)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
    expect(measured[0]?.trial?.number).toBe(0);
  });

  it('reads from the log what it does not hold any more', async () => {
    using feed = createStudyFeed(storage.db, { ...quick, kept: 3 });
    const { studyId, before, measure } = await runningTrial();
    const last = before + 30;
    const early = collect(feed, studyId, { after: 0, count: last });
    await measure(30);
    expect((await early).map(({ sequence }) => sequence)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    expect(await collect(feed, studyId, { after: 10, count: last - 10 })).toHaveLength(last - 10);
  });

  it('begins with what happens from now on where no cursor is given', async () => {
    using feed = createStudyFeed(storage.db, quick);
    const { studyId, measure } = await runningTrial();
    await measure(5);
    const following = collect(feed, studyId, { count: 2 });
    await setTimeout(50);
    await measure(2);
    expect((await following).map(({ step }) => step)).toEqual([6, 7]);
  });

  it('waits for a follower that reads slowly without holding events for it', async () => {
    using feed = createStudyFeed(storage.db, { ...quick, kept: 2 });
    const { studyId, before, measure } = await runningTrial();
    const steps: (number | null)[] = [];
    const reading = (async () => {
      for await (const batch of feed.follow(studyId, before)) {
        steps.push(...batch.map(({ step }) => step));
        await setTimeout(40);
        if (steps.length === 40) break;
      }
    })();
    await measure(40);
    await reading;
    expect(steps).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('gives followers at the same place the same batch, so that what is made of it is made once', async () => {
    using feed = createStudyFeed(storage.db, quick);
    const { studyId, before, measure } = await runningTrial();
    const followers = [0, 1, 2].map(() => feed.follow(studyId, before));
    const first = followers.map((follower) => follower.next());
    await measure(1);
    const batches = (await Promise.all(first)).map(({ value }) => value);
    expect(batches[0]).toHaveLength(1);
    expect(new Set(batches).size).toBe(1);
  });

  it('lets a follower go while it waits for a study in which nothing happens', async () => {
    using feed = createStudyFeed(storage.db, quick);
    const { studyId, before } = await runningTrial();
    const follower = feed.follow(studyId, before);
    const next = follower.next();
    await setTimeout(30);
    await follower.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('ends when the study is deleted', async () => {
    using feed = createStudyFeed(storage.db, { ...quick, goneCheckMs: 5 });
    const { db } = storage;
    const { study, propose } = await runningStudy(db, { name: 'to-delete' });
    await propose(0);
    const cursor = (await studySequences(db, [study.id])).get(study.id) as number;
    const followings = [collect(feed, study.id, { after: cursor, count: 9 }), collect(feed, study.id, { count: 1 })];
    await setTimeout(30);
    await cancelStudy(db, study.id, 'not needed');
    await deleteStudy(db, study.id, { confirmedName: study.name, beforeCommit: async () => {} });
    const [events] = await Promise.all(followings);
    expect(events?.length).toBeLessThan(9);
  });

  it('ends when it is disposed of', async () => {
    const feed = createStudyFeed(storage.db, quick);
    const { studyId } = await runningTrial();
    const following = collect(feed, studyId, { count: 1 });
    await setTimeout(30);
    feed[Symbol.dispose]();
    expect(await following).toEqual([]);
  });
});
