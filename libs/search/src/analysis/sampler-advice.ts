/**
 * Which sampler suits (Deep Learning Tuning Playbook, "Why use quasi-random search ..." and "... grid search"; practices 38-40, 42):
 * exploring asks for an even cover, exploiting for the best value; a model of past results pays when many trials follow each other.
 */
import { valueCount, type Phase, type Space } from '@kinetune/study';
import type { Check } from './check.ts';
import { showCount } from './wording.ts';

export const SAMPLER_ADVICE_THRESHOLDS = {
  /** Rounds of parallel trials from which a model of the results pays. */
  adaptiveRounds: 3,
  /** Trials below which a model has nothing to learn from. */
  adaptiveTrials: 20,
  /** Dimensions up to which a grid is as good as anything. */
  gridDimensions: 2,
} as const;

export const ADVISED_SAMPLERS = ['quasi-random', 'adaptive', 'grid'] as const;

export interface SamplerAdviceNumbers {
  readonly phase: Phase;
  readonly trialCount: number;
  readonly parallelism: number;
  /** Trials that follow each other. */
  readonly rounds: number;
  readonly dimensions: number;
  /** Whether a grid would do as well. */
  readonly isGridFine: boolean;
}

export type SamplerAdvice = Check<(typeof ADVISED_SAMPLERS)[number], SamplerAdviceNumbers>;

export interface SamplerAdviceOptions {
  readonly phase: Phase;
  readonly trialCount: number;
  readonly parallelism: number;
  readonly thresholds?: Partial<Record<keyof typeof SAMPLER_ADVICE_THRESHOLDS, number>>;
}

/** Judged before a study runs: no trials are behind it. */
export function samplerAdvice(space: Space, options: SamplerAdviceOptions): SamplerAdvice {
  const { phase, trialCount, parallelism, thresholds } = options;
  const limits = { ...SAMPLER_ADVICE_THRESHOLDS, ...thresholds };
  const dimensions = space.hyperparameters.filter(({ domain }) => valueCount(domain) > 1).length;
  const rounds = trialCount / parallelism;
  const isGridFine = dimensions <= limits.gridDimensions;
  const numbers = { phase, trialCount, parallelism, rounds, dimensions, isGridFine };
  const grid = isGridFine ? `; with ${showCount(dimensions, 'dimension')} a grid is fine, too` : '';
  const base = { status: 'pass', numbers, trials: [], next: null } as const;
  if (phase === 'explore') {
    const reason = `exploring asks for an even cover that can be read, re-ranked by another metric and repeated${grid}`;
    return { ...base, verdict: 'quasi-random', reason };
  }
  if (rounds < limits.adaptiveRounds || trialCount < limits.adaptiveTrials) {
    const reason = `${showCount(trialCount, 'trial')}, ${parallelism} at once: too few follow each other for a model of the results to pay${grid}`;
    return { ...base, verdict: 'quasi-random', reason };
  }
  const reason = `a model of the results pays off here: ${showCount(trialCount, 'trial')}, ${parallelism} at once`;
  return { ...base, verdict: 'adaptive', reason };
}
