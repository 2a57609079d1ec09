/** What an Optuna trial is as one of ours. */
import type { TrialRecord } from '@kinetune/storage';
import type { TrialState } from '@kinetune/study';
import type { OptunaTrial } from './optuna-source.ts';
import { storable } from './storable.ts';

export interface TrialOptions {
  /** Which objective counts, from 0. */
  readonly objective: number;
  /** Its last reported value was not finite. */
  readonly hasDiverged: boolean;
  /** For a trial that does not say when it ran. */
  readonly now: Date;
}

type End = Pick<TrialRecord, 'reasonCode' | 'reason'> & { readonly state: TrialState };

/** The trial without its measurements; undefined for one that has not ended. */
export function optunaTrialRecord(trial: OptunaTrial, options: TrialOptions): TrialRecord | undefined {
  const end = endOf(trial, options);
  if (end === undefined) return undefined;
  const { startedAt, completedAt, values, userAttributes } = trial;
  const finishedAt = completedAt ?? startedAt ?? options.now;
  const value = values?.[options.objective];
  return {
    ...end,
    replicate: 0,
    seed: 0,
    fold: 0,
    attempts: 1,
    failures: 0,
    device: null,
    fingerprint: storable({
      source: 'optuna',
      state: trial.state,
      values,
      userAttributes,
      ...(constraintsOf(trial).length === 0 ? {} : { constraints: Object.fromEntries(constraintsOf(trial)) }),
    }),
    runtime: null,
    weightCount: null,
    totalSteps: null,
    totalEpochs: null,
    lastStep: null,
    bestStep: null,
    // Optuna's value of a pruned trial is the last that it reported; ours is the best, told from its measurements.
    bestValue: trial.state === 'COMPLETE' && value !== undefined && Number.isFinite(value) ? value : null,
    diagnosis: null,
    earlierRunningMs: startedAt === null ? 0 : Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    queuedAt: startedAt ?? finishedAt,
    startedAt,
    finishedAt,
    evaluations: [],
  };
}

function endOf(trial: OptunaTrial, { objective, hasDiverged }: TrialOptions): End | undefined {
  const { state, values } = trial;
  const violated = constraintsOf(trial).filter(([, value]) => !(value <= 0));
  switch (state) {
    case 'RUNNING':
    case 'WAITING':
      return undefined;
    case 'COMPLETE': {
      const value = values?.[objective];
      if (value === undefined || !Number.isFinite(value))
        return infeasible('diverged', `expected a finite value, its objective returned ${String(value ?? 'none')}`);
      if (violated.length === 0) return { state: 'COMPLETED', reasonCode: null, reason: null };
      const names = violated.map(([name, one]) => `${name} = ${one}`).join(', ');
      return infeasible('constraint-violated', storable(`a constraint must be at most 0, and ${names}`));
    }
    case 'PRUNED':
      if (hasDiverged) return infeasible('diverged', 'the last value that it reported is not finite; Optuna pruned it');
      return { state: 'PRUNED', reasonCode: 'pruned', reason: 'pruned by Optuna' };
    case 'FAIL':
      if (hasDiverged)
        return infeasible('diverged', 'the last value that it reported is not finite; Optuna marked it FAIL');
      return {
        state: 'FAILED',
        reasonCode: 'optuna-fail',
        reason: 'marked FAIL: its objective raised an error or returned no number, and Optuna does not keep which',
      };
  }
}

function infeasible(reasonCode: string, reason: string): End {
  return { state: 'INFEASIBLE', reasonCode, reason };
}

/** As Optuna 5 keeps them, one an attribute, and as earlier versions did, in a list. */
function constraintsOf({ systemAttributes }: OptunaTrial): readonly (readonly [string, number])[] {
  const listed = Array.isArray(systemAttributes.constraints) ? (systemAttributes.constraints as unknown[]) : [];
  const all = [
    ...listed.map((value, index): [string, unknown] => [String(index), value]),
    ...Object.entries(systemAttributes).flatMap(([key, value]): [string, unknown][] =>
      key.startsWith('constraints:') ? [[key.slice('constraints:'.length), value]] : [],
    ),
  ];
  return all.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : []));
}
