import type { StudyLoad } from '@kinetune/storage';
import { expect, it } from 'vitest';
import { watchStalled } from './stalled-studies.ts';

const load = (id: string, queued: number, running: number) =>
  ({ study: { id }, queued, running }) as unknown as StudyLoad;

it('a study stalls when nothing of it is taken for long although slots are free', () => {
  const stalled = watchStalled(100);
  expect([...stalled.look([load('a', 2, 1)], { free: 1, nowMs: 0 })]).toEqual([]);
  expect([...stalled.look([load('a', 2, 1)], { free: 1, nowMs: 90 })]).toEqual([]);
  expect([...stalled.look([load('a', 2, 1)], { free: 1, nowMs: 101 })]).toEqual(['a']);
  expect([...stalled.look([load('a', 1, 2)], { free: 1, nowMs: 110 })]).toEqual([]);
});

it('a study does not stall while every slot is taken, nor when nothing of it is queued', () => {
  const stalled = watchStalled(100);
  for (const nowMs of [0, 200]) {
    expect([...stalled.look([load('a', 2, 1)], { free: 0, nowMs })]).toEqual([]);
    expect([...stalled.look([load('a', 0, 1)], { free: 1, nowMs })]).toEqual([]);
  }
});

it('a stalled study stays so while others have its slots, until somebody takes a trial of it', () => {
  const stalled = watchStalled(100);
  for (const nowMs of [0, 101]) stalled.look([load('a', 2, 0)], { free: 1, nowMs });
  expect([...stalled.look([load('a', 2, 0)], { free: 0, nowMs: 110 })]).toEqual(['a']);
  expect([...stalled.look([load('a', 1, 1)], { free: 0, nowMs: 120 })]).toEqual([]);
  expect([...stalled.look([load('a', 1, 1)], { free: 0, nowMs: 300 })]).toEqual([]);
});
