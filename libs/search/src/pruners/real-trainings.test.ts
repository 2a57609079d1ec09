/** Pruners replayed on 60 real trainings on the watch recordings (`fixtures/pruners-watch.py`), four at once. */
import type { PrunerSettings } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/pruners-watch.json' with { type: 'json' };
import { createPruner } from './create-pruner.ts';
import type { PrunerReplay } from './pruner-replay.ts';
import { replayPruner } from './replay-pruner.ts';
import { curveOf } from './testing/curves.ts';

const trials = fixture.trials.map(({ validationLoss, validationMacroF1 }, number) => {
  const curve = curveOf(number, validationLoss, { state: 'COMPLETED' });
  return { ...curve, values: { validationLoss, validationMacroF1 } };
});

function replay(settings: PrunerSettings): PrunerReplay {
  return replayPruner(trials, {
    pruner: createPruner(settings),
    objective: { metric: 'validationMacroF1', direction: 'maximise' },
    budget: { unit: 'epochs', total: 40 },
    slots: 4,
    thresholds: { toleratedRegret: 0.005 },
  });
}

describe('on real trainings', () => {
  it('the median rule saves 53 % and keeps all of the top', () => {
    const { verdict, numbers } = replay({ kind: 'percentile' });
    expect({ verdict, lost: numbers.topStopped, regret: numbers.regret }).toEqual({
      verdict: 'saves',
      lost: [],
      regret: 0,
    });
    expect(numbers.savedShare).toBeCloseTo(0.53, 2);
  });

  it('Hyperband saves 50 % and keeps all of the top', () => {
    const { verdict, numbers } = replay({ kind: 'hyperband' });
    expect({ verdict, lost: numbers.topStopped, regret: numbers.regret }).toEqual({
      verdict: 'saves',
      lost: [],
      regret: 0,
    });
    expect(numbers.savedShare).toBeCloseTo(0.495, 9);
  });

  it('successive halving saves 76 %, but keeps the best by luck: three in twenty other orders lose it', () => {
    const { verdict, numbers, reason } = replay({ kind: 'successive-halving' });
    expect(numbers.savedShare).toBeCloseTo(0.755, 9);
    expect({ verdict, regret: numbers.regret, top: numbers.topStopped.length }).toEqual({
      verdict: 'loses',
      regret: 0,
      top: 3,
    });
    expect(reason).toContain('by luck: in 3 of 20 other orders');
  });

  it('patience alone stops the best with the rest, since they come to rest too; with the median it does not', () => {
    const alone = replay({ kind: 'patience', only: null });
    expect(alone.verdict).toBe('loses');
    expect(alone.numbers.topStopped).toEqual(alone.numbers.top);
    const { verdict, numbers } = replay({ kind: 'patience' });
    expect({ verdict, lost: numbers.topStopped }).toEqual({ verdict: 'idle', lost: [] });
  });

  it('early values tell much of the final order', () => {
    const { rankCorrelations } = replay({ kind: 'none' }).numbers;
    expect(rankCorrelations.map(({ at, tau }) => [at, Number(tau?.toFixed(2))])).toEqual([
      [4, 0.74],
      [10, 0.84],
      [20, 0.9],
      [30, 0.96],
    ]);
  });
});
