/**
 * Which of an optimizer's hyperparameters to tune, by the trials there are (Deep Learning Tuning Playbook, "How should Adam's
 * hyperparameters be tuned?" and "Choosing the optimizer"; practices 4, 5, 43), and whether every one is tuned or fixed with a reason.
 *
 *   trials per scientific value   below 10: learning rate · 10 to 25: and beta1 · above 25: and epsilon · well above 25: and beta2
 */
import { parseName, type Space } from '@kinetune/study';
import type { Check } from './check.ts';
import { showList, showNumber } from './wording.ts';

/** From how many trials on a hyperparameter of Adam is worth tuning; "much larger than 25" is ours to number. */
export const ADAM_BUDGET_THRESHOLDS = { learningRate: 0, beta1: 10, epsilon: 26, beta2: 100 } as const;

/** What each optimizer reads, by leaf name, the most important first. */
export const OPTIMIZER_HYPERPARAMETERS: Readonly<Record<string, readonly string[]>> = {
  adam: ['learningRate', 'beta1', 'epsilon', 'beta2'],
  adamw: ['learningRate', 'beta1', 'epsilon', 'beta2'],
  sgd: ['learningRate', 'momentum'],
  rmsprop: ['learningRate', 'epsilon', 'beta2'],
};

export interface CoverageNumbers {
  readonly optimizer: string;
  readonly trialsPerValue: number;
  /** Leaf names searched in this optimizer's branch. */
  readonly tuned: readonly string[];
  /** Fixed with a reason that a person gave. */
  readonly fixed: readonly string[];
  /** Neither: a default by silence. */
  readonly unstated: readonly string[];
  /** What the budget is enough for; null where the Playbook has no rule for the optimizer. */
  readonly recommended: readonly string[] | null;
}

export const COVERAGE_VERDICTS = ['covered', 'tune-more', 'tune-fewer', 'unstated'] as const;
export type OptimizerCoverage = Check<(typeof COVERAGE_VERDICTS)[number], CoverageNumbers>;

export interface CoverageOptions {
  readonly optimizer: string;
  /** Trials of the study for each value of the scientific hyperparameters. */
  readonly trialsPerValue: number;
  /** Reasons that state nothing, as a catalogue's "default". */
  readonly emptyReasons?: readonly string[];
  readonly thresholds?: Partial<Record<keyof typeof ADAM_BUDGET_THRESHOLDS, number>>;
}

/** Judged before a study runs: no trials are behind it. */
export function optimizerCoverage(space: Space, options: CoverageOptions): OptimizerCoverage {
  const { optimizer, trialsPerValue, emptyReasons = ['catalogue default'], thresholds } = options;
  const all = OPTIMIZER_HYPERPARAMETERS[optimizer] ?? ['learningRate'];
  const isOfOptimizer = (name: string): boolean =>
    parseName(name).conditions.every(
      ({ parent, equals }) => parseName(parent).leaf !== 'optimizer' || equals === optimizer,
    );
  const leaves = (names: readonly string[]): readonly string[] => {
    const own = new Set(names.filter(isOfOptimizer).map((name) => parseName(name).leaf));
    return all.filter((leaf) => own.has(leaf));
  };
  const tuned = leaves(space.hyperparameters.map(({ name }) => name));
  const fixed = leaves(
    space.fixed.filter(({ reason }) => reason.trim() !== '' && !emptyReasons.includes(reason)).map(({ name }) => name),
  );
  const unstated = all.filter((leaf) => !tuned.includes(leaf) && !fixed.includes(leaf));
  const limits: Readonly<Record<string, number>> = { ...ADAM_BUDGET_THRESHOLDS, ...thresholds };
  const isAdam = optimizer === 'adam' || optimizer === 'adamw';
  const recommended = isAdam ? all.filter((leaf) => trialsPerValue >= (limits[leaf] ?? Infinity)) : null;
  const numbers: CoverageNumbers = { optimizer, trialsPerValue, tuned, fixed, unstated, recommended };
  const base = { numbers, trials: [] };
  const budget = `${showNumber(trialsPerValue)} ${trialsPerValue === 1 ? 'trial' : 'trials'}`;
  const rest = recommended === null ? [] : all.filter((leaf) => !recommended.includes(leaf));
  const advice =
    recommended === null
      ? ''
      : `${budget}: tune ${showList(recommended)}${rest.length === 0 ? '' : `; fix ${showList(rest)}`}`;
  const surplus = recommended === null ? [] : tuned.filter((leaf) => !recommended.includes(leaf));
  const missing =
    recommended === null ? [] : recommended.filter((leaf) => !tuned.includes(leaf) && !fixed.includes(leaf));
  if (surplus.length > 0) {
    const text = `fix ${showList(surplus)}, or run more trials`;
    return {
      ...base,
      verdict: 'tune-fewer',
      status: 'caution',
      reason: `${advice}; ${showList(surplus)} spread them too thin`,
      next: { action: 'change-space', text },
    };
  }
  if (missing.length > 0) {
    const text = `tune ${showList(missing)}, or fix with a reason`;
    return { ...base, verdict: 'tune-more', status: 'caution', reason: advice, next: { action: 'change-space', text } };
  }
  if (unstated.length > 0) {
    const reason = `you tune ${tuned.length} of ${optimizer}'s ${all.length} hyperparameters; unstated: ${showList(unstated)}${advice === '' ? '' : ` (${advice})`}`;
    const text = `state a reason for each default: ${showList(unstated)}`;
    return { ...base, verdict: 'unstated', status: 'caution', reason, next: { action: 'change-space', text } };
  }
  const reason = `every hyperparameter of ${optimizer} is tuned or fixed with a reason${advice === '' ? '' : ` (${advice})`}`;
  return { ...base, verdict: 'covered', status: 'pass', reason, next: null };
}
