import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/pruners.json' with { type: 'json' };
import { createPatiencePruner, type PatienceOptions } from './patience-pruner.ts';
import { createPercentilePruner } from './percentile-pruner.ts';
import type { Pruner } from './pruner.ts';
import { smoothCurve } from './smooth-curve.ts';
import { curveOf, cut } from './testing/curves.ts';

const LENGTH = 60;
const metric = 'validationAccuracy';
const none = { kind: 'none', window: 1 } as const;
const request = (values: readonly (number | null)[]) => ({
  trial: curveOf(7, values, { metric }),
  others: [],
  objective: { metric, direction: 'maximise' as const },
  budget: { unit: 'epochs' as const, total: LENGTH },
});
const epochs = Array.from({ length: LENGTH }, (_, epoch) => epoch + 1);

/** The epoch at which a pruner stops a curve; null where it trains to its end. */
function stopOf(pruner: Pruner, values: readonly number[]): number | null {
  return epochs.find((count) => pruner(request(values.slice(0, count))).verdict === 'prune') ?? null;
}

describe('patience', () => {
  it('stops a curve that has not got better for so long, in numbers', () => {
    const pruner = createPatiencePruner({ patience: 3, smoothing: none, only: null });
    expect(pruner(request([0.1, 0.5, 0.4, 0.5])).verdict).toBe('continue');
    expect(pruner(request([0.1, 0.5, 0.4, 0.5, 0.3]))).toEqual({
      verdict: 'prune',
      reason: 'at epoch 5 no gain: the best validationAccuracy of the last 3 epochs, 0.5, against 0.5 before',
      evidence: [7],
      at: 5,
      value: 0.5,
      threshold: 0.5,
    });
    expect(pruner(request([0.1, 0.5, 0.4, 0.5, 0.6]))).toMatchObject({ verdict: 'continue', value: 0.6 });
  });

  it('waits out the first patience', () => {
    const pruner = createPatiencePruner({ patience: 3, smoothing: none, only: null });
    expect(pruner(request([0.9, 0.1, 0.1])).reason).toBe('epoch 3 is within the first patience of 3 epochs');
    expect(pruner(request([0.9, 0.1, 0.1, 0.1])).verdict).toBe('prune');
  });

  it('takes a small gain for none where told to', () => {
    const rising = epochs.map((epoch) => epoch / 1000);
    expect(stopOf(createPatiencePruner({ patience: 5, smoothing: none, only: null }), rising)).toBeNull();
    expect(
      stopOf(createPatiencePruner({ patience: 5, smoothing: none, only: null, minimumGain: 0.0051 }), rising),
    ).toBe(6);
  });

  it('counts in the unit of the budget, between fractions of epochs too', () => {
    const pruner = createPatiencePruner({ patience: 1, smoothing: none, only: null });
    const quarters = { ...curveOf(7, [0.5, 0.1, 0.1, 0.1, 0.1], { metric }), epochs: [0.25, 0.5, 0.75, 1, 1.25] };
    expect(pruner({ ...request([]), trial: cut(quarters, 4) }).verdict).toBe('continue');
    expect(pruner({ ...request([]), trial: quarters })).toMatchObject({ verdict: 'prune', at: 1.25 });
    const inSteps = createPatiencePruner({ patience: 300, smoothing: none, only: null });
    const budget = { unit: 'steps', total: 6000 } as const;
    expect(inSteps({ ...request([0.5, 0.1, 0.1, 0.1]), budget }).reason).toContain('at step 400 no gain');
  });

  it('takes a patience without a finite value for a stall', () => {
    const pruner = createPatiencePruner({ patience: 3 });
    expect(pruner(request([0.5, null, null])).verdict).toBe('continue');
    expect(pruner(request([0.5, null, null, null])).reason).toBe(
      'validationAccuracy has not been finite for 3 epochs at epoch 4',
    );
    expect(pruner(request([null, null, null, null])).reason).toBe(
      'validationAccuracy has not been finite once up to epoch 4',
    );
  });

  describe('on jittery curves that still improve', () => {
    // 0.9 (1 - exp(-epoch / 25)) with a standard deviation of 0.05: the last fifth still gains 0.05.
    const curves = Array.from({ length: 200 }, (_, seed) => {
      const rng = createRng('jitter', seed);
      return epochs.map((epoch) => 0.9 * (1 - Math.exp(-epoch / 25)) + 0.05 * rng.normal());
    });
    const stoppedShare = (options: PatienceOptions) =>
      curves.filter((values) => stopOf(createPatiencePruner({ ...options, only: null }), values) !== null).length /
      curves.length;

    it('stops hardly any by default', () => {
      // 1.65 % of 4,000 other seeds; the bound is four standard errors of 200 above it.
      expect(stoppedShare({})).toBeLessThan(0.053);
    });

    it('stops more the less the curve is smoothed', () => {
      const patience = 8;
      const raw = stoppedShare({ patience, smoothing: none });
      const median = stoppedShare({ patience, smoothing: { kind: 'median', window: 5 } });
      const exponential = stoppedShare({ patience, smoothing: { kind: 'exponential', window: 5 } });
      expect(raw).toBeGreaterThan(0.5);
      expect(median).toBeLessThan(0.5);
      expect(exponential).toBeLessThan(0.25);
    });
  });

  it('stops a curve that has come to rest, jittery or not', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng('rest', seed);
      const values = epochs.map((epoch) => 0.9 * (1 - Math.exp(-epoch / 2)) - epoch / 1000 + 0.01 * rng.normal());
      expect(stopOf(createPatiencePruner({ only: null }), values)).not.toBeNull();
    }
  });

  it('spares by default what has come to rest above the median of the others', () => {
    const others = [0.3, 0.4, 0.5, 0.6, 0.7].map((level, number) =>
      curveOf(
        number,
        epochs.map(() => level),
        { metric, state: 'COMPLETED' },
      ),
    );
    const verdictAt = (level: number, watch?: PatienceOptions['watch']) =>
      createPatiencePruner(watch === undefined ? {} : { watch })({
        ...request(epochs.slice(0, 40).map(() => level)),
        others,
        ...(watch === undefined ? {} : { objective: { metric: 'another', direction: 'minimise' as const } }),
      }).verdict;
    expect([0.45, 0.55].map((level) => verdictAt(level))).toEqual(['prune', 'continue']);
    const watch = { metric, direction: 'minimise' } as const;
    expect([0.45, 0.55].map((level) => verdictAt(level, watch))).toEqual(['continue', 'prune']);
    // Nothing finite for a patience: no one is asked.
    const lost = request([0.9, ...new Array<null>(12).fill(null)]);
    expect(createPatiencePruner()({ ...lost, others }).verdict).toBe('prune');
  });

  it('asks a second pruner about the smoothed curves of all', () => {
    const only = createPercentilePruner({ startupTrials: 3, warmup: 0 });
    const pruner = createPatiencePruner({ patience: 4, smoothing: { kind: 'median', window: 3 }, only });
    const stalled = (level: number) => epochs.slice(0, 20).map((epoch) => level + (epoch % 2) / 100);
    // Others at 0.4, 0.5 and 0.6, with a peak at the epoch of judgement that smoothing takes away.
    const others = [0.4, 0.5, 0.6].map((level, number) => {
      const values = epochs.map((epoch) => (epoch === 20 ? 0.99 : level));
      return curveOf(number, values, { metric, state: 'COMPLETED' });
    });
    const good = pruner({ ...request(stalled(0.55)), others });
    expect(good).toMatchObject({ verdict: 'continue', threshold: 0.5, evidence: [0, 1, 2] });
    const poor = pruner({ ...request(stalled(0.45)), others });
    expect(poor).toMatchObject({ verdict: 'prune', threshold: 0.5 });
    expect(poor.reason).toMatch(/^at epoch 20 no gain: .*; at epoch 20 the best .* is below 0.5, the median of 3 /);
    const rising = epochs.slice(0, 20).map((epoch) => epoch / 1000);
    expect(pruner({ ...request(rising), others }).reason).toContain('still improving');
  });
});

describe('smoothing', () => {
  const { values, window, exponential, median } = fixture.smooth;

  it.each([
    ['exponential', exponential],
    ['median', median],
  ] as const)("gives numpy's %s means", (kind, expected) => {
    const smooth = smoothCurve(values, { kind, window });
    smooth.forEach((value, i) => {
      if (expected[i] === null) expect(value).toBeNull();
      else expect(value).toBeCloseTo(expected[i] as number, 12);
    });
  });

  it('never changes what it said when more comes', () => {
    for (const kind of ['exponential', 'median'] as const) {
      const whole = smoothCurve(values, { kind, window });
      values.forEach((_, i) => expect(smoothCurve(values.slice(0, i), { kind, window })).toEqual(whole.slice(0, i)));
    }
  });
});
