/**
 * Does a short training tell what a long one would? (Deep Learning Tuning Playbook, "Deciding how long to train when training is
 * compute-bound"; practice 89.) Configurations trained at both lengths are ranked at both: Kendall's tau-b, with the interval of a Fisher
 * transform whose variance is 0.437 / (n - 4) (Fieller, Hartley and Pearson 1957).
 */
import type { Direction, Values } from '@kinetune/study';
import { parseName } from '@kinetune/study';
import { kendallTau } from '../pruners/rank-correlation.ts';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { rankTrials, topCount } from './rank-trials.ts';
import { showCount, showList, showNumber } from './wording.ts';

export const LENGTH_TRANSFER_THRESHOLDS = {
  fewestShared: 5,
  /** Tau from which the order carries over, and below which it does not. */
  carriesOver: 0.6,
  doesNot: 0.3,
} as const;

export interface LengthTransferNumbers {
  readonly shorterSteps: number;
  readonly longerSteps: number;
  /** Configurations with a value at both lengths. */
  readonly shared: readonly { readonly shorter: number; readonly longer: number }[];
  readonly tau: number | null;
  readonly interval: readonly [number, number] | null;
  /** Whether the best of the shared ones is the same; how many of the longer length's top the shorter one has in its own. */
  readonly isBestSame: boolean | null;
  readonly topKept: number;
  readonly topCount: number;
}

export const LENGTH_TRANSFER_VERDICTS = ['transfers', 'partly', 'does-not', 'too-few'] as const;
export type LengthTransfer = Check<(typeof LENGTH_TRANSFER_VERDICTS)[number], LengthTransferNumbers>;

export interface TrainedAtLength {
  readonly totalSteps: number;
  readonly trials: readonly AnalysedTrial[];
}

export interface LengthTransferOptions {
  readonly direction: Direction;
  readonly thresholds?: Partial<Record<keyof typeof LENGTH_TRANSFER_THRESHOLDS, number>>;
}

/** The two lengths in either order. `trials` of the check are the longer one's. */
export function lengthTransfer(
  one: TrainedAtLength,
  other: TrainedAtLength,
  { direction, thresholds }: LengthTransferOptions,
): LengthTransfer {
  const limits = { ...LENGTH_TRANSFER_THRESHOLDS, ...thresholds };
  const [shorter, longer] = one.totalSteps <= other.totalSteps ? [one, other] : [other, one];
  const short = new Map(rankTrials(shorter.trials, direction).map((trial) => [keyOf(trial.values), trial]));
  const ranked = rankTrials(longer.trials, direction).flatMap((trial) => {
    const partner = short.get(keyOf(trial.values));
    return partner === undefined ? [] : [{ trial, partner }];
  });
  const n = ranked.length;
  const tau = kendallTau(
    ranked.map(({ partner }) => partner.bestValue),
    ranked.map(({ trial }) => trial.bestValue),
  );
  const shortOrder = rankTrials(
    ranked.map(({ partner }) => partner),
    direction,
  );
  const top = topCount(n);
  const kept = new Set(shortOrder.slice(0, top).map(({ number }) => number));
  const numbers: LengthTransferNumbers = {
    shorterSteps: shorter.totalSteps,
    longerSteps: longer.totalSteps,
    shared: ranked.map(({ trial, partner }) => ({ shorter: partner.number, longer: trial.number })),
    tau,
    interval: tau === null || n < 5 ? null : tauInterval(tau, n),
    isBestSame: n === 0 ? null : ranked[0]?.partner.number === shortOrder[0]?.number,
    topKept: ranked.slice(0, top).filter(({ partner }) => kept.has(partner.number)).length,
    topCount: top,
  };
  const base = { numbers, trials: ranked.map(({ trial }) => trial.number) };
  const lengths = `${shorter.totalSteps} and ${longer.totalSteps} steps`;
  if (tau === null || n < limits.fewestShared) {
    const missing = Math.max(limits.fewestShared - n, 1);
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(n, 'configuration')} were trained for both ${lengths}: ${limits.fewestShared} with values that differ are needed to compare their order`,
      next: {
        action: 'train-longer',
        text: `train ${showCount(missing, 'more configuration')}, good and middling ones, for both lengths`,
        trialCount: missing,
        trainingSteps: longer.totalSteps,
        configurations: untried(shorter, longer, direction).slice(0, missing),
      },
    };
  }
  const interval = numbers.interval === null ? '' : ` [${showList(numbers.interval.map(showNumber))}]`;
  const seen = `between ${lengths} Kendall's tau is ${showNumber(tau)}${interval} over ${n} configurations; ${numbers.topKept} of the longer one's top ${top} are the shorter one's too`;
  if (tau >= limits.carriesOver)
    return {
      ...base,
      verdict: 'transfers',
      status: 'pass',
      reason: `${seen}: short trainings tell the order`,
      next: null,
    };
  const next = {
    action: 're-tune',
    text: 'tune again at the longer length what the transfer table does not keep',
    trainingSteps: longer.totalSteps,
  } as const;
  return tau < limits.doesNot
    ? { ...base, verdict: 'does-not', status: 'fail', reason: `${seen}: short trainings do not tell the order`, next }
    : { ...base, verdict: 'partly', status: 'caution', reason: `${seen}: they tell it in part`, next };
}

function untried(shorter: TrainedAtLength, longer: TrainedAtLength, direction: Direction): readonly Values[] {
  const done = new Set(longer.trials.map(({ values }) => keyOf(values)));
  return rankTrials(shorter.trials, direction)
    .map(({ values }) => values)
    .filter((values) => !done.has(keyOf(values)));
}

/** A configuration apart from its length. */
function keyOf(values: Values): string {
  return JSON.stringify(
    Object.entries(values)
      .filter(([name]) => parseName(name).leaf !== 'epochs')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** 95 %. A tau of 1 or -1 has no spread that this can tell: its interval ends at the next one that n allows. */
function tauInterval(tau: number, n: number): readonly [number, number] {
  const pairs = (n * (n - 1)) / 2;
  const inside = Math.min(Math.max(tau, -1 + 1 / pairs), 1 - 1 / pairs);
  const half = 1.959964 * Math.sqrt(0.437 / (n - 4));
  return [Math.tanh(Math.atanh(inside) - half), Math.tanh(Math.atanh(inside) + half)];
}
