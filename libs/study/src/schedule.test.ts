import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learningRateAt, learningRates, type LearningRateSchedule, type ScheduleKind } from './schedule.ts';

/** Curves of PyTorch's schedulers; schedules.py beside the file says how they were made. */
interface Curve {
  readonly name: string;
  readonly kind: ScheduleKind;
  readonly warmup: number;
  readonly learningRate: number;
  readonly finalLearningRate?: number;
  readonly units: number;
  readonly tMax?: number;
  readonly totalIters?: number;
  readonly pctStart?: number;
  readonly values: readonly number[];
}

const file = new URL('../../models/fixtures/schedules.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Curve[] };
/** One-cycle's rise is a constant of ours, PyTorch's default. */
const curves = cases.filter(({ pctStart }) => pctStart === undefined || pctStart === 0.3);

function scheduleOf(curve: Curve): LearningRateSchedule {
  const { kind, warmup, learningRate, finalLearningRate, units, tMax, totalIters } = curve;
  const decaySteps = kind === 'cosine' ? tMax : kind === 'linear' ? totalIters : undefined;
  return {
    kind,
    peak: learningRate,
    final: finalLearningRate ?? 0,
    warmupSteps: warmup,
    // Ours reaches the final rate `totalSteps - warmupSteps` steps after the warm-up, as LinearLR and CosineAnnealingLR do.
    totalSteps: decaySteps === undefined ? units : warmup + decaySteps,
    ...(kind === 'cosine-periodic' && tMax !== undefined ? { halfPeriodSteps: tMax } : {}),
  };
}

describe('a learning-rate schedule', () => {
  it('is held against PyTorch for every kind', () => {
    expect(new Set(curves.map(({ kind }) => kind))).toEqual(
      new Set(['constant', 'linear', 'cosine', 'cosine-periodic', 'one-cycle']),
    );
  });

  it.each(curves)("is PyTorch's: $name", (curve) => {
    const rates = learningRates(scheduleOf(curve), 0, curve.units);
    expect(rates).toHaveLength(curve.values.length);
    rates.forEach((rate, step) => {
      // PyTorch steps recursively: its own rounding adds up to 1e-12 of the peak.
      expect(Math.abs(rate - (curve.values[step] as number))).toBeLessThan(1e-10 * curve.learningRate);
    });
  });

  it('rises again past a half period only when it is periodic', () => {
    const base = { peak: 1, final: 0.1, warmupSteps: 0, totalSteps: 300 };
    const periodic = (step: number): number =>
      learningRateAt({ ...base, kind: 'cosine-periodic', halfPeriodSteps: 50 }, step);
    expect([0, 50, 100, 150].map(periodic)).toEqual([1, 0.1, 1, 0.1].map((rate) => expect.closeTo(rate, 12)));
    const once = learningRates({ ...base, kind: 'cosine' }, 0, 300);
    expect(once.every((rate, step) => step === 0 || rate < (once[step - 1] as number))).toBe(true);
  });

  it('keeps its last rate past the last step', () => {
    const base = { peak: 1, final: 0.1, warmupSteps: 2, totalSteps: 10 };
    for (const kind of ['linear', 'cosine'] as const)
      expect(learningRateAt({ ...base, kind }, 99)).toBeCloseTo(0.1, 12);
    expect(learningRateAt({ ...base, kind: 'one-cycle' }, 99)).toBeCloseTo(1 / 25 / 1e4, 12);
  });

  it('is finite where there is hardly a run at all', () => {
    for (const kind of ['constant', 'linear', 'cosine', 'one-cycle'] as const) {
      for (const [warmupSteps, totalSteps] of [
        [0, 1],
        [1, 1],
        [5, 3],
        [0, 2],
        [3, 3],
      ] as const) {
        for (const rate of learningRates({ kind, peak: 1, final: 0, warmupSteps, totalSteps }, 0, totalSteps)) {
          expect(Number.isFinite(rate) && rate >= 0 && rate <= 1, `${kind} ${warmupSteps} of ${totalSteps}`).toBe(true);
        }
      }
    }
  });

  it('refuses a periodic cosine without a period', () => {
    const schedule = { kind: 'cosine-periodic', peak: 1, final: 0, warmupSteps: 0, totalSteps: 9 } as const;
    expect(() => learningRateAt(schedule, 1)).toThrow('half period');
  });
});
