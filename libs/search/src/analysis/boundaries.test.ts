import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../testing/sample-spaces.ts';
import { quasiRandomValues } from '../testing/quasi-random-values.ts';
import { trialOf } from '../testing/trial-of.ts';
import { boundaries } from './boundaries.ts';
import { widenedDomain } from './widened-domain.ts';

const space = spaceOf({ learningRate: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' } });

/** 21 trials at even distances in the logarithm; `valueOf` their unit coordinate. */
function sweep(valueOf: (unit: number) => number | null) {
  return Array.from({ length: 21 }, (_, number) =>
    trialOf(number, { learningRate: 1e-4 * 1000 ** (number / 20) }, valueOf(number / 20)),
  );
}

function verdictOf(valueOf: (unit: number) => number | null) {
  return boundaries(space, sweep(valueOf), 'maximise')[0];
}

describe('the boundary check', () => {
  it('finds a range wide enough whose best lies inside', () => {
    expect(verdictOf((unit) => -Math.abs(unit - 0.5))).toMatchObject({
      verdict: 'inside',
      edge: null,
      bestUnit: expect.closeTo(0.5, 9),
    });
  });

  it('knows no edge where all values are equal', () => {
    expect(verdictOf(() => 0.5)).toMatchObject({
      verdict: 'too-few',
      reason: 'all 21 completed trials have equal values: none is the best',
    });
  });

  it('tells the better of two integers from equal ones', () => {
    const two = spaceOf({ blockCount: { type: 'int', minimum: 1, maximum: 2, scale: 'linear' } });
    const verdict = (gain: number) => {
      const trials = Array.from({ length: 20 }, (_, number) => {
        const blockCount = 1 + (number % 2);
        return trialOf(number, { blockCount }, gain * blockCount + createRng('two', number).normal());
      });
      return boundaries(two, trials, 'maximise')[0];
    };
    expect(verdict(3)).toMatchObject({ verdict: 'at-edge', edge: 'upper', next: { action: 'widen-space' } });
    expect(verdict(0)).toMatchObject({ verdict: 'inside' });
  });

  it('finds the edge that the best crowd, with the trials behind it', () => {
    const upper = verdictOf((unit) => unit);
    expect(upper).toMatchObject({ verdict: 'at-edge', edge: 'upper', topTrials: [20, 19, 18], nearEdge: [20, 19, 18] });
    expect(upper?.reason).toContain('3 of the top 3 within 10 % of the upper edge');
    expect(verdictOf((unit) => -unit)).toMatchObject({ verdict: 'at-edge', edge: 'lower', nearEdge: [0, 1, 2] });
  });

  it('looks in the scaled space: what crowds the lower edge of a linear range is inside a log one', () => {
    const linear = spaceOf({ learningRate: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'linear' } });
    const trials = sweep((unit) => -Math.abs(unit - 0.4));
    expect(boundaries(space, trials, 'maximise')[0]?.verdict).toBe('inside');
    expect(boundaries(linear, trials, 'maximise')[0]).toMatchObject({ verdict: 'at-edge', edge: 'lower' });
  });

  it('only watches when the best alone is near an edge', () => {
    const lone = verdictOf((unit) => (unit === 1 ? 2 : -Math.abs(unit - 0.5)));
    expect(lone).toMatchObject({ verdict: 'watch', edge: 'upper', nearEdge: [20] });
  });

  it('tells the edge of stability from a range too narrow', () => {
    const unstable = verdictOf((unit) => (unit > 0.7 ? null : unit));
    expect(unstable).toMatchObject({ verdict: 'edge-of-stability', edge: 'upper' });
    expect(unstable?.infeasibleBeyond).toEqual([15, 16, 17, 18, 19, 20]);
    expect(unstable?.reason).toContain('warm-up');
    // One slightly worse point between the best and the threshold, as in the Playbook's Fig. 7a.
    expect(verdictOf((unit) => (unit > 0.7 ? null : -Math.abs(unit - 0.65)))?.verdict).toBe('edge-of-stability');
    // The best far from the unstable part: that part does not matter.
    expect(verdictOf((unit) => (unit > 0.7 ? null : -Math.abs(unit - 0.3)))?.verdict).toBe('inside');
  });

  it('needs the extreme value of a coarse grid to be crowded beyond chance', () => {
    const grid = spaceOf({ blockCount: { type: 'int', minimum: 1, maximum: 3, scale: 'linear' } });
    const trialsOf = (best: readonly number[]) =>
      [...best, 1, 2, 3, 1, 2, 3].map((blockCount, number) => trialOf(number, { blockCount }, 1 - number / 10));
    expect(boundaries(grid, trialsOf([3, 1, 2]), 'maximise')[0]?.verdict).toBe('inside');
    expect(boundaries(grid, trialsOf([3, 3, 3]), 'maximise')[0]).toMatchObject({ verdict: 'at-edge', edge: 'upper' });
  });

  it('does not judge by fewer than five trials, nor a choice', () => {
    expect(boundaries(space, sweep((unit) => unit).slice(0, 4), 'maximise')[0]).toMatchObject({ verdict: 'too-few' });
    const choice = spaceOf({ optimizer: { type: 'categorical', choices: ['sgd', 'adam'] } });
    expect(boundaries(choice, [], 'maximise')).toEqual([]);
  });

  it('proposes a wider range in its own scale, whole and legal', () => {
    const upper = verdictOf((unit) => unit);
    expect(upper?.next).toMatchObject({ action: 'widen-space' });
    const wider = upper?.next?.domains?.['learningRate'] as { minimum: number; maximum: number };
    // Half of three decades more.
    expect(wider.minimum).toBe(1e-4);
    expect(Math.log10(wider.maximum)).toBeCloseTo(0.5, 2);
    expect(upper?.gainTowardsEdge).toBeCloseTo(0.1, 9);
    expect(upper?.reason).toContain('gaining 0.1 on the last tenth');
    const legalDomains = { learningRate: { type: 'float', minimum: 1e-6, maximum: 0.1, scale: 'log' } } as const;
    const held = boundaries(
      space,
      sweep((unit) => unit),
      'maximise',
      { legalDomains },
    )[0];
    expect(held).toMatchObject({ verdict: 'at-edge', next: null });
    expect(held?.reason).toContain('as wide as is legal');
    const share = { type: 'float', minimum: 0.2, maximum: 0.9, scale: 'linear' } as const;
    expect(widenedDomain(share, 'upper', { by: 0.5 })).toEqual({ ...share, maximum: 1 });
    expect(widenedDomain({ ...share, minimum: 0 }, 'lower', { by: 0.5 })).toBeNull();
    const even = { type: 'int', minimum: 2, maximum: 8, scale: 'linear', step: 2 } as const;
    expect(widenedDomain(even, 'upper', { by: 0.5 })).toEqual({ ...even, maximum: 10 });
    expect(widenedDomain(even, 'lower', { by: 0.5 })).toBeNull();
    const two = { type: 'int', minimum: 1, maximum: 2, scale: 'log' } as const;
    expect(widenedDomain(two, 'upper', { by: 0.5 })).toEqual({ ...two, maximum: 3 });
    const far = { type: 'int', minimum: 2 ** 40, maximum: 2 ** 40 + 10, scale: 'linear' } as const;
    expect(widenedDomain(far, 'upper', { by: 0.5 })).toEqual({ ...far, maximum: 2 ** 40 + 15 });
    // What was tried stays a value: 3, 10, 17, ...
    const uneven = { type: 'int', minimum: 3, maximum: 100, scale: 'linear', step: 7 } as const;
    const lower = widenedDomain({ ...uneven, minimum: -4 }, 'lower', { by: 0.5 }) as typeof uneven;
    expect((3 - lower.minimum) % 7).toBe(0);
    expect(lower.minimum).toBeLessThan(-4);
    const stepped = { type: 'float', minimum: 0, maximum: 0.3, scale: 'linear', step: 0.1 } as const;
    expect(widenedDomain(stepped, 'upper', { by: 1 })).toEqual({ ...stepped, maximum: 0.6 });
  });

  it('does not take what cannot be built for instability', () => {
    const trials = sweep((unit) => (unit > 0.7 ? null : unit)).map((trial) => ({
      ...trial,
      reasonCode: trial.state === 'INFEASIBLE' ? 'invalid-configuration' : null,
    }));
    expect(boundaries(space, trials, 'maximise')[0]?.verdict).not.toBe('edge-of-stability');
    const diverged = trials.map((trial) => ({ ...trial, reasonCode: trial.reasonCode && 'diverged' }));
    expect(boundaries(space, diverged, 'maximise')[0]).toMatchObject({
      verdict: 'edge-of-stability',
      next: { action: 'stabilise' },
    });
  });

  it('marks the verdicts of an adaptive study as weak, and takes other thresholds', () => {
    const trials = sweep((unit) => -Math.abs(unit - 0.8));
    const weak = boundaries(space, trials, 'maximise', { isAdaptive: true })[0];
    expect(weak).toMatchObject({ verdict: 'inside', evidence: 'weak' });
    expect(weak?.reason).toContain('weak evidence');
    expect(boundaries(space, trials, 'maximise', { thresholds: { near: 0.25 } })[0]?.verdict).toBe('at-edge');
  });

  it('takes a steep slope to a lone best near the edge for a range too narrow', () => {
    // 12 trials, so that one of the top 3 lies within a tenth of the edge.
    const trials = Array.from({ length: 12 }, (_, number) =>
      trialOf(number, { learningRate: 1e-4 * 1000 ** ((number + 0.5) / 12) }, number === 3 ? 7.5 : number),
    );
    expect(boundaries(space, trials, 'maximise')[0]).toMatchObject({
      verdict: 'at-edge',
      edge: 'upper',
      nearEdge: [11],
    });
  });

  it('sees the edge of stability among many trials, where two points are nothing', () => {
    const trials = Array.from({ length: 200 }, (_, number) =>
      trialOf(number, { learningRate: 1e-4 * 1000 ** (number / 199) }, number > 150 ? null : -Math.abs(number - 145)),
    );
    expect(boundaries(space, trials, 'maximise')[0]?.verdict).toBe('edge-of-stability');
  });

  it.each([
    [20, 400],
    [40, 400],
  ])('cries wolf rarely where a hyperparameter has no effect: %i trials', (count, studies) => {
    // Crowding: P(at least 2 of 3, 3 of 4 near one of two edges) = 5.6 %, 0.7 %. A best near an edge, 20 %, with a steep slope:
    // measured about 2 %, more than 5 % of 20 % since the best pulls the line. Three standard errors above 8 % is 12 %.
    let alarms = 0;
    for (let seed = 0; seed < studies; seed++) {
      const rng = createRng('no effect', seed);
      const trials = Array.from({ length: count }, (_, index) =>
        trialOf(index, quasiRandomValues(space, { seed, index }), rng.next()),
      );
      if (boundaries(space, trials, 'maximise')[0]?.verdict === 'at-edge') alarms += 1;
    }
    expect(alarms / studies).toBeLessThan(0.12);
  });
});
