/**
 * Ending trainings early is usually not needed, since the best checkpoint is chosen afterwards, and in a study that explores it hides
 * what slow configurations would have become (Deep Learning Tuning Playbook, "Saving checkpoints and retrospectively selecting the
 * best one"; practice 98). In a study that exploits, a replay on recorded curves says what it would save and lose.
 */
import type { Phase } from '@kinetune/study';
import type { PrunerReplay } from '../pruners/pruner-replay.ts';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { showCount } from './wording.ts';

export interface PruningAdviceNumbers {
  readonly phase: Phase;
  /** Null where not known. */
  readonly pruner: string | null;
  readonly hasEarlyStopping: boolean | null;
  readonly pruned: number;
  readonly replay: { readonly verdict: PrunerReplay['verdict']; readonly savedShare: number } | null;
}

export const PRUNING_ADVICE_VERDICTS = ['off', 'on-while-exploring', 'on-unproven', 'on', 'not-known'] as const;
export type PruningAdvice = Check<(typeof PRUNING_ADVICE_VERDICTS)[number], PruningAdviceNumbers>;

export interface PruningAdviceOptions {
  readonly phase: Phase;
  readonly pruner?: string;
  readonly hasEarlyStopping?: boolean;
  readonly replay?: PrunerReplay | null;
}

/** `trials` of the check are the pruned ones. */
export function pruningAdvice(
  trials: readonly AnalysedTrial[],
  { phase, pruner, hasEarlyStopping, replay = null }: PruningAdviceOptions,
): PruningAdvice {
  const pruned = trials.filter(({ state }) => state === 'PRUNED').map(({ number }) => number);
  const isOn = pruned.length > 0 || hasEarlyStopping === true || (pruner !== undefined && pruner !== 'none');
  const numbers: PruningAdviceNumbers = {
    phase,
    pruner: pruner ?? null,
    hasEarlyStopping: hasEarlyStopping ?? null,
    pruned: pruned.length,
    replay: replay === null ? null : { verdict: replay.verdict, savedShare: replay.numbers.savedShare },
  };
  const base = { numbers, trials: pruned };
  const replayed = replay === null ? '' : `; ${replay.reason}`;
  if (!isOn && pruner === undefined) {
    const reason = 'no trial was pruned; whether a rule could have ended trials early is not known';
    return { ...base, verdict: 'not-known', status: 'not-known', reason, next: null };
  }
  if (!isOn)
    return { ...base, verdict: 'off', status: 'pass', reason: `every trial trains to its end${replayed}`, next: null };
  const what = pruned.length > 0 ? `${showCount(pruned.length, 'trial')} ended early` : 'trials may end early';
  if (phase === 'explore') {
    return {
      ...base,
      verdict: 'on-while-exploring',
      status: 'caution',
      reason: `${what} in a study that explores: what slow configurations would have become is not known${replayed}`,
      next: {
        action: 'change-space',
        text: 'explore without a pruner or early stopping; choose the best step afterwards',
      },
    };
  }
  if (replay === null || replay.verdict !== 'saves') {
    return {
      ...base,
      verdict: 'on-unproven',
      status: 'caution',
      reason: `${what}${replay === null ? ', and no replay on recorded curves says what that loses' : replayed}`,
      next: { action: 'probe', text: 'replay the pruner on a finished study of the same space and length first' },
    };
  }
  return { ...base, verdict: 'on', status: 'pass', reason: `${what}${replayed}`, next: null };
}
