import type { StudyLoad } from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { describe, expect, it } from 'vitest';
import { claimOrder } from './claim-order.ts';

function load(
  name: string,
  { priority = 0, parallelism = null, ...counts }: Partial<StudyLoad['study'] & StudyLoad>,
): StudyLoad {
  const space = sampleStudy().space;
  const study = {
    ...sampleStudy({ name, parallelism }),
    id: name,
    priority,
    spaceVersions: [{ space, phase: 'explore', firstConfiguration: 0 }],
  } as unknown as StudyLoad['study'];
  return { study, queued: 0, running: 0, failed: 0, nextNumber: 0, ...counts };
}

const order = (loads: readonly StudyLoad[], isPatient = true, slots = 4) =>
  claimOrder(loads, { slots, isPatient }).map(({ study }) => study.name);

describe('a free slot takes a trial', () => {
  it('of the study with the fewest running for its weight', () => {
    const loads = [
      load('a', { queued: 3, running: 1 }),
      load('b', { queued: 3, running: 1, priority: 2 }),
      load('c', { queued: 3 }),
    ];
    expect(order(loads, false)).toEqual(['b', 'c', 'a']);
  });

  it('of none that has nothing queued, or as many running as may', () => {
    expect(order([load('empty', {}), load('full', { queued: 2, running: 2, parallelism: 2 })], false)).toEqual([]);
  });

  it('within its share while another study is owed a slot, and beyond it once it has waited', () => {
    const loads = [load('greedy', { queued: 4, running: 2, nextNumber: 6 }), load('slow', {})];
    expect(order(loads)).toEqual([]);
    expect(order(loads, false)).toEqual(['greedy']);
  });

  it('beyond its share where nobody else wants the slot', () => {
    const spent = load('spent', { nextNumber: 10, running: 1 });
    expect(order([load('greedy', { queued: 4, running: 3, nextNumber: 7 }), spent])).toEqual(['greedy']);
  });
});
