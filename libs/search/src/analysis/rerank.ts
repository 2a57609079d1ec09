/**
 * A finished study by another objective, without training again (Deep Learning Tuning Playbook, "Why use quasi-random search ..." and
 * "Saving checkpoints and retrospectively selecting the best one"; practices 39, 97, 113): another metric, the best step or the last one.
 * The trials of a quasi-random study are as good for any objective; an adaptive sampler chose its trials for the study's own, which biases
 * every other one against what it did not try.
 */
import { isBetter, type Metric, type Objective } from '@kinetune/study';
import { kendallTau } from '../pruners/rank-correlation.ts';
import type { Check } from './check.ts';
import { bestOfCurve, hasValues, lastOfCurve, type MeasuredCurve } from './measured-curve.ts';
import { topCount } from './rank-trials.ts';
import { showNumber } from './wording.ts';

export const RERANK_THRESHOLDS = {
  fewestTrials: 3,
  /** A rank correlation below this is another order. */
  sameOrder: 0.7,
} as const;

/** best: each trial at the best step of that metric. last: at its last step. */
export const RERANK_STEPS = ['best', 'last'] as const;
export type RerankStep = (typeof RERANK_STEPS)[number];

export interface RerankedTrial {
  readonly trial: number;
  readonly value: number;
  readonly step: number;
}

export interface RerankNumbers {
  readonly metric: string;
  readonly at: RerankStep;
  /** Best first. */
  readonly order: readonly RerankedTrial[];
  /** Kendall's tau-b with the study's own order; null where it cannot be told. */
  readonly tau: number | null;
  readonly isBestSame: boolean;
  /** Of the study's own top tenth (three at least), how many are in this one's. */
  readonly topKept: number;
  readonly topCount: number;
  readonly isBiased: boolean;
}

export const RERANK_VERDICTS = ['same-best', 'other-best', 'other-order', 'too-few'] as const;
export type Rerank = Check<(typeof RERANK_VERDICTS)[number], RerankNumbers>;

export interface RerankOptions {
  /** The study's own: the order that is compared with, each trial at its best step. */
  readonly objective: Objective;
  readonly by: Objective;
  readonly at: RerankStep;
  readonly isAdaptive?: boolean;
  readonly thresholds?: Partial<Record<keyof typeof RERANK_THRESHOLDS, number>>;
}

/** Completed trials alone; `trials` of the check are the top by the other objective, best first. */
export function rerank(
  measured: readonly MeasuredCurve[],
  { objective, by, at, isAdaptive = false, thresholds }: RerankOptions,
): Rerank {
  const limits = { ...RERANK_THRESHOLDS, ...thresholds };
  const completed = measured.filter(({ state }) => state === 'COMPLETED');
  const own = orderBy(completed, objective, 'best');
  const order = orderBy(completed, by, at);
  const ownValue = new Map(own.map(({ trial, value }) => [trial, value]));
  const both = order.filter(({ trial }) => ownValue.has(trial));
  const sign = objective.direction === by.direction ? 1 : -1;
  const tau = kendallTau(
    both.map(({ trial }) => ownValue.get(trial) as number),
    both.map(({ value }) => sign * value),
  );
  const top = topCount(own.length);
  const kept = new Set(order.slice(0, top).map(({ trial }) => trial));
  const numbers: RerankNumbers = {
    metric: by.metric,
    at,
    order,
    tau,
    isBestSame: order[0] !== undefined && order[0].trial === own[0]?.trial,
    topKept: own.slice(0, top).filter(({ trial }) => kept.has(trial)).length,
    topCount: top,
    isBiased: isAdaptive && by.metric !== objective.metric,
  };
  const what = `by ${at === 'last' ? 'the last' : 'the best'} ${by.metric}`;
  const base = { numbers, trials: order.slice(0, top).map(({ trial }) => trial) };
  if (both.length < limits.fewestTrials || order[0] === undefined) {
    const reason = `${both.length} completed trials have ${by.metric}: ${limits.fewestTrials} are needed to rank them by it`;
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const bias = numbers.isBiased ? '; biased, for the sampler chose the trials for the study’s own objective' : '';
  const kendall = tau === null ? 'all are equal' : `Kendall's tau ${showNumber(tau)}`;
  const counted = `${what} trial ${order[0].trial} is the best (${showNumber(order[0].value)}); ${numbers.topKept} of the top ${top} stay, ${kendall}${bias}`;
  const isSameOrder = tau !== null && tau >= limits.sameOrder;
  const verdict = numbers.isBestSame ? 'same-best' : isSameOrder ? 'other-best' : 'other-order';
  return {
    ...base,
    verdict,
    status: verdict === 'other-order' || numbers.isBiased ? 'caution' : 'pass',
    reason: counted,
    next:
      verdict === 'same-best'
        ? null
        : {
            action: 'replicate',
            text: `if ${what.slice(3)} is what counts, train trials ${order[0].trial} and ${own[0]?.trial ?? '-'} again with other seeds and compare`,
            trial: order[0].trial,
            trialCount: 10,
          },
  };
}

/** The study's order against each other metric of training and validation, and against the last step. */
export function reranks(
  measured: readonly MeasuredCurve[],
  { metrics, ...options }: Omit<RerankOptions, 'by' | 'at'> & { readonly metrics: readonly Metric[] },
): readonly Rerank[] {
  const { objective } = options;
  const shown = metrics.filter(
    ({ name, split }) => split !== 'system' && measured.some((trial) => hasValues(trial, name)),
  );
  return shown.flatMap(({ name, direction }) => {
    const by = { metric: name, direction };
    return name === objective.metric
      ? [rerank(measured, { ...options, by: objective, at: 'last' })]
      : [rerank(measured, { ...options, by, at: 'best' })];
  });
}

function orderBy(measured: readonly MeasuredCurve[], by: Objective, at: RerankStep): readonly RerankedTrial[] {
  return measured
    .flatMap((trial): readonly RerankedTrial[] => {
      const found = at === 'best' ? bestOfCurve(trial, by) : lastOfCurve(trial, by.metric);
      return found === null ? [] : [{ trial: trial.number, ...found }];
    })
    .sort((a, b) => {
      if (isBetter(by.direction, a.value, b.value)) return -1;
      if (isBetter(by.direction, b.value, a.value)) return 1;
      return a.trial - b.trial;
    });
}
