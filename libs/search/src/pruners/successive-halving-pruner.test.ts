import { describe, expect, it } from 'vitest';
import type { PruningRequest, TrialCurve } from './pruner.ts';
import { createSuccessiveHalvingPruner, rungsOf } from './successive-halving-pruner.ts';
import { curveOf, cut } from './testing/curves.ts';

const budget = { unit: 'epochs', total: 27 } as const;
const objective = { metric: 'validationLoss', direction: 'minimise' } as const;
const flat = (number: number, level: number, length: number): TrialCurve =>
  curveOf(number, new Array<number>(length).fill(level));
const pruner = createSuccessiveHalvingPruner({ eta: 3, grace: 1 });
const ask = (trial: TrialCurve, others: readonly TrialCurve[], changes: Partial<PruningRequest> = {}) =>
  pruner({ trial, others, objective, budget, ...changes });

describe('asynchronous successive halving', () => {
  it('has rungs at grace times powers of eta, none at the end', () => {
    expect(rungsOf({ eta: 3, grace: 1 }, 27)).toEqual([1, 3, 9]);
    expect(rungsOf({ eta: 4, grace: 5 }, 50)).toEqual([5, 20]);
    expect(rungsOf({ eta: 3, grace: 30 }, 27)).toEqual([]);
  });

  it('lets the best third of a rung go on', () => {
    const others = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => flat(number, number / 10, 1));
    const verdicts = [0.05, 0.15, 0.25, 0.35, 0.45].map((loss) => ask(flat(9, loss, 1), others).verdict);
    // Nine trials: three go on, so the third best loss is needed.
    expect(verdicts).toEqual(['continue', 'continue', 'continue', 'prune', 'prune']);
    expect(ask(flat(9, 0.35, 1), others)).toEqual({
      verdict: 'prune',
      reason:
        'at epoch 1 the best validationLoss so far, 0.35, is number 4 of 9 trials in the rung at epoch 1, where the best 3 go on: 0.3 is needed',
      evidence: [1, 2, 3, 4, 5, 6, 7, 8],
      at: 1,
      value: 0.35,
      threshold: 0.3,
    });
  });

  it('lets equals go on together', () => {
    const others = [1, 2, 3, 4, 5].map((number) => flat(number, 0.5, 1));
    expect(ask(flat(9, 0.5, 1), others).verdict).toBe('continue');
  });

  it('judges at rungs alone, among those that got there, whatever became of them', () => {
    const others = [
      ...[1, 2, 3].map((number) => ({ ...flat(number, 0.1, 3), state: 'PRUNED' as const })),
      { ...flat(4, 0.2, 27), state: 'COMPLETED' as const },
      flat(5, 0.3, 2),
    ];
    expect(ask(flat(9, 0.9, 2), others)).toMatchObject({
      verdict: 'continue',
      reason: 'no rung at epoch 2: the next rung is epoch 3',
    });
    expect(ask(flat(9, 0.9, 3), others)).toMatchObject({ verdict: 'prune', evidence: [1, 2, 3, 4], threshold: 0.1 });
    expect(ask(flat(9, 0.9, 20), others).reason).toBe('no rung at epoch 20: the last rung is passed');
  });

  it('lets the first at a rung go on until it holds eta trials', () => {
    expect(ask(flat(9, 0.9, 1), [flat(1, 0.1, 1)])).toMatchObject({
      verdict: 'continue',
      reason: 'the rung at epoch 1 holds 2 of the 3 trials that are needed to judge by',
    });
    const strict = createSuccessiveHalvingPruner({ eta: 3, grace: 1, fewestInRung: 1 });
    const request = { trial: flat(9, 0.9, 1), others: [flat(1, 0.1, 1)], objective, budget };
    expect(strict(request).verdict).toBe('prune');
  });

  it('reads a rung at the first measurement past it, and judges every rung that was passed', () => {
    const sparse = (number: number, losses: readonly number[]) => ({
      ...curveOf(number, losses),
      epochs: losses.map((_, i) => 4 * (i + 1)),
    });
    const others = [1, 2, 3, 4, 5].map((number) => sparse(number, [number / 10, 0]));
    const decision = ask(sparse(9, [0.35]), others);
    expect(decision).toMatchObject({ verdict: 'prune', at: 4, threshold: 0.2 });
    expect(decision.reason).toContain('in the rung at epoch 1');
    expect(ask(sparse(9, [0.15]), others).reason).toContain('in the rung at epoch 3');
  });

  it('compares the best so far, so that a bad epoch at a rung is no end; the last where told to', () => {
    const others = [1, 2, 3, 4, 5].map((number) => flat(number, number / 10, 3));
    const jittery = curveOf(9, [0.5, 0.05, 0.6]);
    expect(ask(jittery, others).verdict).toBe('continue');
    const last = createSuccessiveHalvingPruner({ eta: 3, grace: 1, rungValue: 'last' });
    expect(last({ trial: jittery, others, objective, budget })).toMatchObject({ verdict: 'prune', value: 0.6 });
  });

  it('counts infeasible trials behind all others: what learns fast and diverges sets no bar', () => {
    const diverged = [1, 2, 3].map((number) => ({ ...flat(number, 0.01, 2), state: 'INFEASIBLE' as const }));
    const others = [...diverged, flat(4, 0.3, 3), flat(5, 0.4, 3)];
    // Six in each rung, two go on: one at 0.35 is the second best of the feasible ones.
    for (const epoch of [1, 3]) {
      expect(ask(flat(9, 0.35, epoch), others)).toMatchObject({
        verdict: 'continue',
        threshold: 0.35,
        evidence: [1, 2, 3, 4, 5],
      });
      expect(ask(flat(9, 0.45, epoch), others).verdict).toBe('prune');
    }
    // They never got to the rung after the next: three are there, one goes on.
    const far = [flat(4, 0.3, 9), flat(5, 0.4, 9), ...diverged];
    expect(ask(flat(9, 0.35, 9), far)).toMatchObject({ verdict: 'prune', evidence: [4, 5] });
    const worst = [1, 2, 3, 4, 5].map((number) => ({ ...cut(flat(number, 1, 2), 0), state: 'INFEASIBLE' as const }));
    expect(ask(flat(9, 7, 1), worst)).toMatchObject({ verdict: 'continue', threshold: null });
  });

  it('stops a trial that is not finite at a rung', () => {
    expect(ask(curveOf(9, [null]), [])).toMatchObject({ verdict: 'prune', value: null, evidence: [9] });
    expect(ask(curveOf(9, [0.4, 0.3, null]), []).verdict).toBe('continue');
    const last = createSuccessiveHalvingPruner({ eta: 3, grace: 1, rungValue: 'last' });
    expect(last({ trial: curveOf(9, [0.4, 0.3, null]), others: [], objective, budget }).reason).toBe(
      'validationLoss is not finite at epoch 3, where it reached the rung at epoch 3',
    );
  });

  it('begins at a tenth of the budget, in its unit', () => {
    const standard = createSuccessiveHalvingPruner();
    const others = [1, 2, 3, 4].map((number) => flat(number, 0.1, 30));
    const verdictAt = (length: number) =>
      standard({ trial: flat(9, 0.5, length), others, objective, budget: { unit: 'steps', total: 3000 } }).verdict;
    expect([1, 2, 3, 4].map(verdictAt)).toEqual(['continue', 'continue', 'prune', 'continue']);
  });
});
