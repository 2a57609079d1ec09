import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { bestSteps, type SteppedTrial } from './best-steps.ts';
import { evaluationSpacing, type MetricCurve } from './evaluation-spacing.ts';

/** Trials of 1000 steps, the first the best, whose best lies at these parts. */
function trialsAt(parts: readonly number[], totalSteps = 1000): readonly SteppedTrial[] {
  return parts.map((part, number) => ({
    number,
    state: 'COMPLETED',
    values: {},
    bestValue: 1 - number / 100,
    bestStep: Math.round(part * totalSteps),
    totalSteps,
  }));
}

describe('the best steps', () => {
  const all = { direction: 'maximise', topShare: 1 } as const;

  it('consistently in the last quarter ask for longer training', () => {
    const check = bestSteps(trialsAt([1, 0.98, 0.96, 0.8, 1, 0.3]), all);
    expect(check).toMatchObject({
      verdict: 'too-short',
      numbers: { proposedSteps: 2000, isComputeBound: true, trialCount: 6 },
      next: { action: 'train-longer' },
    });
    expect(check.reason).toContain('83 % of the 6 best trials are best in the last 25 %');
    expect(bestSteps(trialsAt([0.8, 0.8, 0.85, 0.8, 0.9]), all).numbers.isComputeBound).toBe(false);
  });

  it('always in the first tenth mean far too many steps', () => {
    const check = bestSteps(trialsAt([0.05, 0.08, 0.1, 0.02, 0.06]), all);
    expect(check).toMatchObject({ verdict: 'far-too-long', numbers: { proposedSteps: 125, earlyShare: 1 } });
  });

  it('in the middle are right, and early ones of all the best allow less', () => {
    expect(bestSteps(trialsAt([0.7, 0.6, 0.9, 0.5, 0.65]), all)).toMatchObject({ verdict: 'right', next: null });
    expect(bestSteps(trialsAt([0.3, 0.2, 0.4, 0.3, 0.05]), all)).toMatchObject({
      verdict: 'longer-than-needed',
      status: 'pass',
      numbers: { proposedSteps: 500 },
    });
  });

  it('are counted in a histogram, the end in its last bin', () => {
    const { histogram } = bestSteps(trialsAt([1, 0.05, 0.55, 0.51, 0.99]), all).numbers;
    expect(histogram.map(({ trials }) => trials)).toEqual([[1], [], [], [], [], [2, 3], [], [], [], [0, 4]]);
  });

  it('of the better half decide, and a plateau counts from where it begins', () => {
    const parts = [0.5, 0.5, 0.5, 0.6, 0.6, 1, 1, 1, 1, 1];
    expect(bestSteps(trialsAt(parts), { direction: 'maximise' })).toMatchObject({ trials: [0, 1, 2, 3, 4] });
    const plateau = trialsAt([1, 1, 1, 1, 1]).map((trial) => ({ ...trial, firstGoodStep: 300 }));
    expect(bestSteps(plateau, all)).toMatchObject({ verdict: 'longer-than-needed', numbers: { medianPart: 0.3 } });
  });

  it('of few trials decide nothing', () => {
    expect(bestSteps(trialsAt([1, 1, 1]), all)).toMatchObject({ verdict: 'too-few', status: 'not-known' });
    expect(bestSteps([], all).numbers.medianPart).toBeNull();
  });
});

describe('the spacing of evaluations', () => {
  /** A parabola with its top of 0.9 at step 500, curvature and noise given. */
  function curves(
    every: number,
    { sharpness, noise, top = 500 }: Record<'sharpness' | 'noise', number> & { top?: number },
  ) {
    return Array.from({ length: 8 }, (_, number): MetricCurve => {
      const rng = createRng('spacing', number);
      const steps = Array.from({ length: Math.floor(1000 / every) }, (_step, i) => (i + 1) * every);
      const values = steps.map((step) => 0.9 - sharpness * ((step - top) / 100) ** 2 + noise * rng.normal());
      return { number, steps, values };
    });
  }

  it('is too sparse where the best between two evaluations stands out of the noise', () => {
    const check = evaluationSpacing(curves(100, { sharpness: 0.05, noise: 0.001, top: 550 }), {
      direction: 'maximise',
    });
    // Half an interval from the top: 0.05 / 4 is lost. Second differences of the parabola count as noise: 0.06.
    expect(check.numbers.possibleLoss).toBeCloseTo(0.0125, 2);
    expect(check.numbers.spacingSteps).toBe(100);
    const spike = [0.5, 0.51, 0.52, 0.53, 0.54, 0.6, 0.9, 0.8, 0.79, 0.78, 0.77, 0.76];
    const sharp = { number: 0, steps: spike.map((_, i) => i * 100), values: spike };
    expect(evaluationSpacing([sharp], { direction: 'maximise' })).toMatchObject({
      verdict: 'too-sparse',
      numbers: { possibleLoss: expect.closeTo(0.2 ** 2 / (8 * 0.4), 9) as number },
    });
    const few = evaluationSpacing(curves(200, { sharpness: 0.05, noise: 0 }), { direction: 'maximise' });
    expect(few).toMatchObject({
      verdict: 'too-sparse',
      next: { action: 'evaluate-more-often', text: 'evaluate every 100 steps' },
    });
    expect(few.reason).toContain('±100');
  });

  it('is fine where noise hides the difference, in either direction', () => {
    expect(evaluationSpacing(curves(50, { sharpness: 0.001, noise: 0.01 }), { direction: 'maximise' }).verdict).toBe(
      'fine',
    );
    const falling = curves(50, { sharpness: 0.001, noise: 0.01 }).map((curve) => ({
      ...curve,
      values: curve.values.map((value) => -(value as number)),
    }));
    expect(evaluationSpacing(falling, { direction: 'minimise' }).verdict).toBe('fine');
  });

  it('is not known of curves with fewer than three evaluations', () => {
    expect(
      evaluationSpacing([{ number: 0, steps: [1, 2], values: [1, null] }], { direction: 'maximise' }),
    ).toMatchObject({
      verdict: 'too-few',
      trials: [],
    });
  });
});
