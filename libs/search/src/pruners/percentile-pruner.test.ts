import type { Objective } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { createPercentilePruner } from './percentile-pruner.ts';
import type { PruningRequest } from './pruner.ts';
import { curveOf } from './testing/curves.ts';

const objective: Objective = { metric: 'validationAccuracy', direction: 'maximise' };
const metric = 'validationAccuracy';
const running = (values: readonly (number | null)[]) => curveOf(9, values, { metric });
/** Five completed trials that stay at 0.5, 0.6, 0.7, 0.8 and 0.9. */
const completed = [0.7, 0.5, 0.9, 0.6, 0.8].map((level, number) =>
  curveOf(number, new Array<number>(20).fill(level), { metric, state: 'COMPLETED' }),
);
const request = (values: readonly (number | null)[], changes: Partial<PruningRequest> = {}): PruningRequest => ({
  trial: running(values),
  others: completed,
  objective,
  budget: { unit: 'epochs', total: 20 },
  ...changes,
});

describe('the percentile rule', () => {
  const median = createPercentilePruner();

  it('stops below the median and says so in numbers', () => {
    expect(median(request([0.1, 0.69]))).toEqual({
      verdict: 'prune',
      reason:
        'at epoch 2 the best validationAccuracy so far, 0.69, is below 0.7, the median of 5 completed trials there',
      evidence: [0, 1, 2, 3, 4],
      at: 2,
      value: 0.69,
      threshold: 0.7,
    });
    const even = median(request([0.1, 0.7]));
    expect(even).toMatchObject({ verdict: 'continue', value: 0.7, threshold: 0.7 });
    expect(even.reason).toContain('is equal to 0.7');
  });

  it('tells numbers apart that are close', () => {
    expect(median(request([0.1, 0.69999])).reason).toContain('0.69999, is below 0.7,');
  });

  it('keeps the best so many percent, in both directions', () => {
    const quarter = createPercentilePruner({ percentile: 25 });
    // Linear interpolation between 0.5 ... 0.9: the best quarter begins at 0.8 upwards, at 0.6 downwards.
    expect(quarter(request([0, 0.79]))).toMatchObject({ verdict: 'prune', threshold: 0.8 });
    expect(quarter(request([0, 0.79])).reason).toContain('which the best 25 % of 5 completed trials reach there');
    const downwards = { objective: { ...objective, direction: 'minimise' } } as const;
    expect(quarter(request([1, 0.61], downwards))).toMatchObject({ verdict: 'prune', threshold: 0.6 });
    expect(quarter(request([1, 0.59], downwards)).verdict).toBe('continue');
    expect(createPercentilePruner({ percentile: 100 })(request([0, 0.5])).verdict).toBe('continue');
    expect(createPercentilePruner({ percentile: 0 })(request([0, 0.89])).verdict).toBe('prune');
  });

  it('spares a jittery trial that was good once', () => {
    expect(median(request([0.1, 0.72, 0.3, 0.2])).verdict).toBe('continue');
  });

  it('waits for the warm-up, by default a tenth of the training', () => {
    expect(median(request([0.1]))).toMatchObject({
      verdict: 'continue',
      reason: 'epoch 1 lies in the warm-up, which ends at 2',
    });
    expect(createPercentilePruner({ warmup: 0 })(request([0.1])).verdict).toBe('prune');
  });

  it('waits for enough completed trials that got so far', () => {
    const short = completed.map((one) =>
      one.number < 2 ? curveOf(one.number, [1, 1], { metric, state: 'COMPLETED' }) : one,
    );
    expect(median(request([0.1, 0.1, 0.1], { others: short }))).toMatchObject({
      verdict: 'continue',
      reason: '3 of the 5 completed trials that are needed to judge by have a value at epoch 3',
    });
    const alone = createPercentilePruner({ startupTrials: 0 })(request([0.1, 0.1], { others: [] }));
    expect(alone).toMatchObject({ verdict: 'continue', evidence: [], threshold: null });
    const others = completed.map((one) => ({ ...one, state: 'PRUNED' as const }));
    expect(median(request([0.1, 0.1], { others })).verdict).toBe('continue');
  });

  it('judges in intervals, late where a measurement was late', () => {
    const pruner = createPercentilePruner({ warmup: 2, interval: 4 });
    const good = [0.9, 0.9];
    expect(pruner(request([...good, 0.1])).reason).toBe('judged at epoch 2 already and not again before epoch 6');
    const judged = [1, 2, 3, 4, 5, 6, 7].map((count) => pruner(request(new Array<number>(count).fill(0.1))).verdict);
    expect(judged.map((verdict) => verdict === 'prune')).toEqual([false, true, false, false, false, true, false]);
    const late = { ...running([0.1, 0.1, 0.1]), epochs: [1, 2, 7.5] };
    expect(pruner(request([], { trial: late }))).toMatchObject({ verdict: 'prune', at: 7.5 });
  });

  it('reads a trial that measured elsewhere at its last measurement before', () => {
    const others = completed.map((one) => ({
      ...one,
      steps: [300, 2000],
      epochs: [3, 20],
      values: { [metric]: [0.5, 0.99] },
    }));
    expect(median(request([0.1, 0.1], { others })).verdict).toBe('continue');
    expect(median(request([0.1, 0.1, 0.1, 0.4], { others }))).toMatchObject({ verdict: 'prune', threshold: 0.5 });
  });

  it('counts in steps where the budget does', () => {
    const pruner = createPercentilePruner({ warmup: 300, interval: 200 });
    const budget = { unit: 'steps', total: 2000 } as const;
    const judged = [1, 2, 3, 4, 5].map((count) => pruner(request(new Array<number>(count).fill(0.1), { budget })));
    expect(judged.map(({ verdict }) => verdict === 'prune')).toEqual([false, false, true, false, true]);
    expect(judged[2]?.reason).toContain('at step 300 ');
  });

  it('watches another metric than the objective where told to', () => {
    const watch = { metric: 'validationLoss', direction: 'minimise' } as const;
    const withLoss = (curve: (typeof completed)[number], loss: number) => ({
      ...curve,
      values: { ...curve.values, validationLoss: curve.epochs.map(() => loss) },
    });
    const others = completed.map((one) => withLoss(one, 0.3));
    const trial = withLoss(running([0.95, 0.95]), 0.4);
    expect(median(request([], { trial, others })).verdict).toBe('continue');
    expect(createPercentilePruner({ watch })(request([], { trial, others }))).toMatchObject({
      verdict: 'prune',
      value: 0.4,
      threshold: 0.3,
    });
  });

  it('stops a trial without one finite value once others have values there', () => {
    expect(median(request([null, null]))).toMatchObject({
      verdict: 'prune',
      reason: 'validationAccuracy has not been finite once up to epoch 2',
      evidence: [9],
      value: null,
    });
    expect(median(request([null, null], { others: [] })).verdict).toBe('continue');
  });
});
