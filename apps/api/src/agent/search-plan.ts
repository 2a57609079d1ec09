/** What the present phase of a study searches: the second phase of a study has its own space, sampler, pruner and budget. */
import type { Study } from '@kinetune/storage';
import { invariant, type Phase, type PrunerSettings, type SamplerSettings, type Space } from '@kinetune/study';

export interface SearchPlan {
  readonly phase: Phase;
  readonly space: Space;
  readonly sampler: SamplerSettings;
  /** `none` while exploring: what an early stop hides is what exploring is for. */
  readonly pruner: PrunerSettings;
  /** Numbers of its configurations: from the first, up to but without the end. */
  readonly firstConfiguration: number;
  readonly endConfiguration: number;
  /** Number of the configuration that is the sampler's index 0. */
  readonly firstIndexed: number;
}

export function searchPlan(study: Study): SearchPlan {
  const { exploit, budget, spaceVersions } = study;
  const latest = spaceVersions.at(-1);
  invariant(latest !== undefined, 'a study has a version of its space');
  const { phase, space } = latest;
  const second = hasSecondPhaseBegun(study) ? exploit : null;
  const sampler = second?.sampler ?? study.sampler;
  const firstConfiguration = spaceVersions.find((version) => version.phase === phase)?.firstConfiguration ?? 0;
  return {
    phase,
    space,
    sampler,
    pruner: phase === 'explore' ? { kind: 'none' } : (second?.pruner ?? study.pruner),
    firstConfiguration,
    endConfiguration: budget.trials + (second?.trials ?? 0),
    // A list is the phase's own; a sequence goes on in a new version of the space, lest it repeats what it began with.
    firstIndexed: sampler.kind === 'list' ? firstConfiguration : 0,
  };
}

/** Whether the study explored first and exploits now. */
export function hasSecondPhaseBegun({ spaceVersions }: Study): boolean {
  return spaceVersions[0]?.phase === 'explore' && spaceVersions.at(-1)?.phase === 'exploit';
}

/** The space that a configuration was drawn from. */
export function spaceOfConfiguration({ space, spaceVersions }: Study, number: number): Space {
  return spaceVersions.findLast(({ firstConfiguration }) => firstConfiguration <= number)?.space ?? space;
}

/** Whether the history decides what is suggested; a sequence's suggestions say all in seed and index. */
export function isAdaptive({ sampler, phase }: Pick<SearchPlan, 'sampler' | 'phase'>): boolean {
  return sampler.kind === 'gp' || sampler.kind === 'tpe' || (sampler.kind === 'auto' && phase === 'exploit');
}

/** Folds that each configuration is trained on. */
export function foldsOf({ folds, data }: Pick<Study, 'folds' | 'data'>): readonly number[] {
  return folds ?? [data !== null && 'fold' in data.split ? data.split.fold : 0];
}

/** Trials of each configuration when it is proposed; replicates may be added later. */
export function trialsPerConfiguration(study: Pick<Study, 'folds' | 'data' | 'replicates'>): number {
  return study.replicates * foldsOf(study).length;
}
