/** Held against Optuna 5's decisions on the same curves, trained by 1 and 5 workers; what differs by intent is in the pruners' heads. */
import type { Direction } from '@kinetune/study';
import type { PrunerSettings } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/pruners.json' with { type: 'json' };
import { createPruner } from './create-pruner.ts';
import { bracketOf, bracketShares } from './hyperband-pruner.ts';
import type { TrialCurve } from './pruner.ts';
import { kendallTau } from './rank-correlation.ts';
import { curveOf, cut } from './testing/curves.ts';

interface Case {
  readonly name: string;
  readonly curves: string;
  readonly settings: unknown;
  readonly direction: string;
  readonly workers: number;
  readonly stride?: number;
  readonly events: readonly number[];
  readonly pruned: readonly number[];
}

/** Trains the recorded curves in the recorded order and gives the places at which ours stops a trial. */
function stopsOf({ curves, settings, direction, stride = 1, events, pruned }: Case): readonly number[] {
  const pruner = createPruner(settings as PrunerSettings);
  const recorded = (fixture.curves as Record<string, (number | null)[][]>)[curves] as (number | null)[][];
  const sign = direction === 'minimise' ? 1 : -1;
  const whole = recorded.map((values, number) => {
    const curve = curveOf(
      number,
      values.map((value) => value && sign * value),
    );
    return { ...curve, epochs: curve.epochs.map((epoch) => epoch * stride) };
  });
  const length = (recorded[0] as unknown[]).length;
  const live = new Map<number, TrialCurve>();
  const stops: number[] = [];
  for (const [place, number] of events.entries()) {
    const trial = cut(whole[number] as TrialCurve, (live.get(number)?.epochs.length ?? 0) + 1);
    live.set(number, trial);
    const { verdict } = pruner({
      trial,
      others: [...live.values()],
      objective: { metric: 'validationLoss', direction: direction as Direction },
      budget: { unit: 'epochs', total: length * stride },
    });
    if (verdict === 'prune') stops.push(place);
    // The history goes on as it did there, so that one difference does not hide the rest.
    if (trial.epochs.length === length) live.set(number, { ...trial, state: 'COMPLETED' });
    else if (pruned.includes(place)) live.set(number, { ...trial, state: 'PRUNED' });
  }
  return stops;
}

describe("Optuna's decisions", () => {
  it.each(fixture.cases as readonly Case[])('$name on $curves curves, $direction, $workers at once', (recorded) => {
    expect(recorded.pruned.length).toBeGreaterThan(5);
    expect(stopsOf(recorded)).toEqual(recorded.pruned);
  });

  it.each(fixture.brackets)('brackets of $grace to $total by $eta', ({ grace, total, eta, shares, dealt }) => {
    expect(bracketShares({ grace, eta }, total)).toEqual(shares);
    expect(dealt.map((_, number) => bracketOf(number, shares))).toEqual(dealt);
  });
});

describe("Kendall's tau", () => {
  it("is scipy's, with ties too", () => {
    for (const { a, b, tau } of fixture.tau) expect(kendallTau(a, b)).toBeCloseTo(tau, 12);
  });

  it('is unknown where all are tied', () => {
    expect(kendallTau([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(kendallTau([], [])).toBeNull();
  });
});
