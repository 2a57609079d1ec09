import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishTrial, openStorage, registerAgent, stopAgent, type Storage } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSlotFeed, type SlotChange, type SlotFeed } from './slot-feed.ts';

describe('the feed of slots', () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-slots-'));
  let storage: Storage;
  beforeAll(async () => {
    storage = await openStorage(home);
  });
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });
  const quick = { gapMs: 5, pollMs: 20 };
  const next = async (follower: ReturnType<SlotFeed['follow']>): Promise<SlotChange> =>
    (await follower.next()).value as SlotChange;

  it('gives all slots as they are, then those that change: taken, free, come and gone', async () => {
    const { db } = storage;
    using feed = createSlotFeed(db, quick);
    const { agent, propose, claim } = await runningStudy(db);
    await propose(0);
    const follower = feed.follow();
    const whole = await next(follower);
    expect(whole).toMatchObject({ isWhole: true, goneIds: [] });
    const slotId = agent.slots[0]?.id;
    expect(whole.slots.find(({ id }) => id === slotId)).toMatchObject({ host: 'host', device: 'CPU', trialId: null });
    const { trial, writer } = await claim();
    expect(await next(follower)).toMatchObject({ isWhole: false, slots: [{ id: slotId, trialId: trial.id }] });
    await finishTrial(db, writer, { state: 'CANCELLED', reason: 'test' });
    expect(await next(follower)).toMatchObject({ isWhole: false, slots: [{ id: slotId, trialId: null }] });
    const second = await registerAgent(db, { host: 'other', pid: 2, devices: ['GPU 0', 'GPU 1'] });
    const come = await next(follower);
    expect(come.slots.map(({ host, device }) => `${host} ${device}`)).toEqual(['other GPU 0', 'other GPU 1']);
    await stopAgent(db, second.id);
    expect(await next(follower)).toMatchObject({ slots: [], goneIds: second.slots.map(({ id }) => id) });
  });

  it('goes on after a cursor with what has changed since, or with all where it does not remember', async () => {
    const { db } = storage;
    const { propose, claim } = await runningStudy(db);
    await propose(0);
    let cursor: string;
    {
      using feed = createSlotFeed(db, quick);
      const staying = feed.follow();
      const { cursor: seen } = await next(staying);
      const { trial } = await claim();
      const change = await next(staying);
      expect(await next(feed.follow(seen))).toEqual(change);
      expect(change.slots.map(({ trialId }) => trialId)).toEqual([trial.id]);
      cursor = change.cursor;
    }
    // Another process, or this one after a restart: nothing is told twice, and what is not known is told whole.
    using feed = createSlotFeed(db, quick);
    expect((await next(feed.follow('of another time'))).isWhole).toBe(true);
    const follower = feed.follow(cursor);
    const waiting = next(follower);
    const other = await registerAgent(db, { host: 'late', pid: 3, devices: ['CPU'] });
    expect(await waiting).toMatchObject({ isWhole: false, slots: [{ agentId: other.id }] });
  });

  it('lets a follower go while it waits, and ends when it is disposed of', async () => {
    const feed = createSlotFeed(storage.db, quick);
    const [one, other] = [feed.follow(), feed.follow()];
    await one.next();
    await other.next();
    const waiting = [one.next(), other.next()];
    await one.return?.();
    expect(await waiting[0]).toEqual({ done: true, value: undefined });
    feed[Symbol.dispose]();
    expect(await waiting[1]).toEqual({ done: true, value: undefined });
  });
});
