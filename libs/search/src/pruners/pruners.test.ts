import { PRUNER_KINDS, type PrunerSettings } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { createPruner } from './create-pruner.ts';
import { describePruner } from './testing/describe-pruner.ts';

const members: Readonly<Record<string, PrunerSettings>> = {
  none: { kind: 'none' },
  median: { kind: 'percentile' },
  'percentile 25, every third epoch': { kind: 'percentile', percentile: 25, startupTrials: 3, warmup: 1, interval: 3 },
  'successive halving': { kind: 'successive-halving' },
  'successive halving of last values': { kind: 'successive-halving', eta: 2, grace: 1, rungValue: 'last' },
  hyperband: { kind: 'hyperband', grace: 1 },
  patience: { kind: 'patience', patience: 3 },
  'patience alone': { kind: 'patience', only: null },
  'patience with another median': {
    kind: 'patience',
    patience: 3,
    smoothing: { kind: 'median', window: 3 },
    only: { kind: 'percentile', startupTrials: 2 },
  },
};

for (const [name, settings] of Object.entries(members)) describePruner(name, createPruner(settings));

describe('pruners as data', () => {
  it('come in every kind', () => {
    expect(new Set(Object.values(members).map(({ kind }) => kind))).toEqual(new Set(PRUNER_KINDS));
  });

  it.each([
    [{ kind: 'median' }, 'got median'],
    [{ kind: 'percentile', percentile: 101 }, 'expected percentile to be from 0 to 100, got 101'],
    [{ kind: 'percentile', startupTrials: 2.5 }, 'got 2.5'],
    [{ kind: 'percentile', warmup: -1 }, 'got -1'],
    [{ kind: 'percentile', interval: 0 }, 'expected interval to be more than 0, got 0'],
    [{ kind: 'successive-halving', eta: 1 }, 'expected eta to be at least 2, got 1'],
    [{ kind: 'successive-halving', grace: 0 }, 'got 0'],
    [{ kind: 'successive-halving', rungValue: 'mean' }, 'expected rungValue to be one of best, last, got mean'],
    [{ kind: 'hyperband', fewestInRung: 0 }, 'got 0'],
    [{ kind: 'patience', patience: NaN }, 'got NaN'],
    [{ kind: 'patience', minimumGain: -0.1 }, 'got -0.1'],
    [{ kind: 'patience', smoothing: { kind: 'spline', window: 3 } }, 'got spline'],
    [{ kind: 'patience', smoothing: { kind: 'median', window: 0 } }, 'got 0'],
  ])('refuse %j', (settings, message) => {
    expect(() => createPruner(settings as PrunerSettings)).toThrow(message);
  });
});
