import { TRIAL_STATES } from '@kinetune/study';
import type { CheckpointOwner } from '@kinetune/storage';
import { describe, expect, it } from 'vitest';
import { chooseCheckpoints, type StoredCheckpoint } from './choose-checkpoints.ts';

const owner = (trialId: string, changes: Partial<CheckpointOwner> = {}): CheckpointOwner => ({
  trialId,
  state: 'COMPLETED',
  finishedAt: new Date(0),
  isBest: false,
  isAdopted: false,
  ...changes,
});
const both = (trialId: string, bytes = 10): StoredCheckpoint[] => [
  { trialId, sort: 'best', path: `${trialId}/step`, bytes },
  { trialId, sort: 'last', path: `${trialId}/state`, bytes },
];
function choose(owners: readonly CheckpointOwner[], rules: Partial<Parameters<typeof chooseCheckpoints>[2]> = {}) {
  return chooseCheckpoints(
    owners.flatMap(({ trialId }) => both(trialId)),
    new Map(owners.map((one) => [one.trialId, one])),
    { keep: ['best', 'last'], quotaBytes: undefined, ...rules },
  );
}
const paths = ({ removals }: ReturnType<typeof choose>) => removals.map(({ path }) => path);

describe('checkpoints', () => {
  it('all stay without a rule and a quota', () => {
    expect(choose([owner('a')])).toEqual({ removals: [], totalBytes: 20, keptBytes: 20, excessBytes: 0 });
  });

  it('of a sort that is not kept go when their trial has ended for good', () => {
    for (const state of TRIAL_STATES) {
      const isEnded = !['QUEUED', 'RUNNING', 'FAILED'].includes(state);
      expect(paths(choose([owner('a', { state })], { keep: ['best'] }))).toEqual(isEnded ? ['a/state'] : []);
    }
  });

  it('beyond the quota go, states before weights and the oldest first, and no more than needed', () => {
    const owners = [owner('new', { finishedAt: new Date(9) }), owner('old', { finishedAt: new Date(1) })];
    expect(paths(choose(owners, { quotaBytes: 40 }))).toEqual([]);
    expect(paths(choose(owners, { quotaBytes: 39 }))).toEqual(['old/state']);
    expect(paths(choose(owners, { quotaBytes: 15 }))).toEqual(['old/state', 'new/state', 'old/step']);
  });

  it('of running trials, adopted configurations and the best weights stay, whatever the quota', () => {
    const owners = [
      owner('running', { state: 'RUNNING' }),
      owner('failed', { state: 'FAILED' }),
      owner('adopted', { isAdopted: true }),
      owner('best', { isBest: true }),
    ];
    const retention = choose(owners, { keep: [], quotaBytes: 0 });
    expect(paths(retention)).toEqual(['best/state']);
    expect(retention).toMatchObject({ keptBytes: 70, excessBytes: 70 });
  });

  it('of trials that nobody knows are not touched', () => {
    expect(chooseCheckpoints(both('stranger'), new Map(), { keep: [], quotaBytes: 0 }).removals).toEqual([]);
  });
});
