/** The next configuration of a study, from its sampler into the queue. */
import type { History, SamplerContext } from '@kinetune/search';
import {
  createConfiguration,
  nextConfigurationNumber,
  samplerHistory,
  type Database,
  type SamplerNote,
  type Study,
} from '@kinetune/storage';
import { deriveSeed } from '@kinetune/study';
import type { SamplerThread } from './sampler-thread.ts';
import { foldsOf, isAdaptive, type SearchPlan } from './search-plan.ts';

export interface ProposeOptions {
  readonly db: Database;
  readonly study: Study;
  readonly plan: SearchPlan;
  readonly sampler: SamplerThread;
  /** What the sampler was created for; with the history it decides what an adaptive one suggests. */
  readonly context: SamplerContext;
  /** What an earlier study found within the space; comes before the study's own. */
  readonly earlier: History | undefined;
}

export type Proposal = 'proposed' | 'budget-spent' | 'space-used-up';

/** One at a time: what is proposed must be known to the next proposal. */
export async function proposeConfiguration(options: ProposeOptions): Promise<Proposal> {
  const { db, study, plan, sampler, earlier } = options;
  const number = await nextConfigurationNumber(db, study.id);
  if (number >= plan.endConfiguration) return 'budget-spent';
  const { history, sequence } = await samplerHistory(db, study.id);
  const suggestion = await sampler.suggest(number - plan.firstIndexed, withEarlier(history, earlier));
  if (suggestion === null) return 'space-used-up';
  const { values, engine, engineVersion, reason } = suggestion;
  const samplerNote: SamplerNote = {
    sampler: engine,
    engineVersion,
    reason,
    ...(isAdaptive(plan) ? { sequence, settings: plan.sampler, context: options.context } : {}),
  };
  await createConfiguration(db, study.id, {
    number,
    values,
    spaceVersion: plan.space.version,
    samplerNote,
    trials: trialsOf(study, number),
  });
  return 'proposed';
}

/** The trials of a new configuration: each seed on each fold. */
export function trialsOf(study: Study, number: number): { readonly seed: number; readonly fold: number }[] {
  return Array.from({ length: study.replicates }, (_, replicate) => replicate).flatMap((replicate) =>
    foldsOf(study).map((fold) => ({ seed: deriveSeed(study.seed, 'trial', number, replicate), fold })),
  );
}

/** The history that a suggestion is asked with: an earlier study's results first. */
export function withEarlier(history: History, earlier: History | undefined): History {
  if (earlier === undefined) return history;
  return {
    observed: [...earlier.observed, ...history.observed],
    infeasible: [...earlier.infeasible, ...history.infeasible],
    pending: history.pending,
    pruned: [...(earlier.pruned ?? []), ...(history.pruned ?? [])],
  };
}
