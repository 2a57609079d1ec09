/**
 * Learning-rate schedules: the rate of each optimizer step as a pure function of the step's index, held against PyTorch's
 * schedulers stepped once an optimizer step (LinearLR, CosineAnnealingLR in its closed form, OneCycleLR).
 *
 *   s step index from 0, S total steps, W warm-up steps, p peak rate, f final rate, t = (s - W) / (S - W)
 *   warm-up          p (s + 1) / W                          for s < W
 *   constant         p
 *   linear           p + (f - p) t
 *   cosine           f + (p - f) (1 + cos(pi t)) / 2        t runs over the rest of the run: it ends at f
 *   cosine-periodic  the same with t = (s - W) / H          H half period: past it the rate RISES again, as PyTorch's
 *                                                           CosineAnnealingLR does past T_max; a wave, not a decay
 *   one-cycle        OneCycleLR(anneal cos, div_factor 25, final_div_factor 1e4): p/25 -> p -> p/25e4; its rise takes the
 *                    warm-up's steps, or 30 % of the run when there is none
 */
import { invariant } from './errors.ts';

export const SCHEDULES = ['constant', 'linear', 'cosine', 'cosine-periodic', 'one-cycle'] as const;
export type ScheduleKind = (typeof SCHEDULES)[number];

export interface LearningRateSchedule {
  readonly kind: ScheduleKind;
  /** The highest rate: what the hyperparameter `learningRate` says. */
  readonly peak: number;
  /** The rate that linear and the cosines go down to; the others do not use it. */
  readonly final: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  /** Only for `cosine-periodic`: steps from a crest to a trough (PyTorch's T_max). */
  readonly halfPeriodSteps?: number;
}

const ONE_CYCLE_DIVISOR = 25;
const ONE_CYCLE_FINAL_DIVISOR = 1e4;
const ONE_CYCLE_RISE_SHARE = 0.3;

/** The learning rate of optimizer step `step` (0-based). Steps past the last keep its rate, but the periodic cosine goes on. */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  const { kind, peak, final, warmupSteps, totalSteps } = schedule;
  if (kind === 'one-cycle') return oneCycle(schedule, Math.min(step, totalSteps - 1));
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const decaySteps = totalSteps - warmupSteps;
  const share = decaySteps <= 0 ? 1 : Math.min((step - warmupSteps) / decaySteps, 1);
  switch (kind) {
    case 'constant':
      return peak;
    case 'linear':
      return peak + (final - peak) * share;
    case 'cosine':
      return cosineBetween(peak, final, share);
    case 'cosine-periodic': {
      const { halfPeriodSteps } = schedule;
      invariant(halfPeriodSteps !== undefined && halfPeriodSteps > 0, 'a periodic cosine has a half period');
      return cosineBetween(peak, final, (step - warmupSteps) / halfPeriodSteps);
    }
  }
}

/** The rates of steps `from` (inclusive) to `to` (exclusive). */
export function learningRates(schedule: LearningRateSchedule, from: number, to: number): Float64Array {
  return Float64Array.from({ length: to - from }, (_, i) => learningRateAt(schedule, from + i));
}

function oneCycle({ peak, warmupSteps, totalSteps }: LearningRateSchedule, step: number): number {
  const start = peak / ONE_CYCLE_DIVISOR;
  const end = start / ONE_CYCLE_FINAL_DIVISOR;
  const riseEnd = (warmupSteps > 0 ? warmupSteps : ONE_CYCLE_RISE_SHARE * totalSteps) - 1;
  if (step <= riseEnd) return cosineBetween(start, peak, riseEnd <= 0 ? 1 : step / riseEnd);
  return cosineBetween(peak, end, (step - riseEnd) / (totalSteps - 1 - riseEnd));
}

function cosineBetween(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
