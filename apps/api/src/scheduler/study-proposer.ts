/** Proposes the configurations of one study's present phase: its sampler on a thread of its own, for as long as it is asked. */
import { historyWithin, type History, type SamplerContext } from '@kinetune/search';
import type { ModelShape } from '@kinetune/models/catalogue';
import { listConfigurations, type Database, type Study } from '@kinetune/storage';
import { earlierResults } from '../agent/earlier-results.ts';
import { proposeConfiguration, type Proposal } from '../agent/propose-configuration.ts';
import { startSampler } from '../agent/sampler-thread.ts';
import { searchPlan, type SearchPlan } from '../agent/search-plan.ts';

export interface StudyProposer extends AsyncDisposable {
  /** What it was started for: another phase, or another version of the space, needs another one. */
  readonly key: string;
  /** Proposes the next configuration. */
  propose(study: Study): Promise<Proposal>;
}

export interface ProposerOptions {
  /** Trials that may run at once, which adaptive samplers take into account. */
  readonly parallelism: number;
  /** What constraints on the model are about. */
  readonly shape: Partial<ModelShape>;
  /** The sampler thread's program; another one in tests. */
  readonly samplerProgram?: URL | undefined;
}

/** @throws InputError where the study starts from another one whose results mean something else. */
export async function startProposer(
  db: Database,
  study: Study,
  { parallelism, shape, samplerProgram }: ProposerOptions,
): Promise<StudyProposer> {
  const plan = searchPlan(study);
  const earlier = await earlierResults(db, study, plan.space);
  const context: SamplerContext = {
    phase: plan.phase,
    trialCount: plan.endConfiguration - plan.firstConfiguration,
    parallelism,
    knownCount: await countKnown(db, study, { plan, earlier }),
  };
  const sampler = startSampler(
    {
      settings: plan.sampler,
      context,
      space: plan.space,
      seed: study.seed,
      direction: study.objective.direction,
      model: study.model,
      shape,
    },
    samplerProgram === undefined ? {} : { program: samplerProgram },
  );
  return {
    key: proposerKey(study),
    propose: (now) => proposeConfiguration({ db, study: now, plan: searchPlan(now), sampler, context, earlier }),
    [Symbol.asyncDispose]: () => sampler[Symbol.asyncDispose](),
  };
}

/** Changes with all that a sampler is started with. */
export function proposerKey(study: Study): string {
  const { phase, space, sampler, endConfiguration, firstConfiguration } = searchPlan(study);
  return JSON.stringify([phase, space.version, sampler, firstConfiguration, endConfiguration]);
}

/** Results within the space that there were before the phase began. */
async function countKnown(
  db: Database,
  study: Study,
  { plan, earlier }: { readonly plan: SearchPlan; readonly earlier: History | undefined },
): Promise<number> {
  const before = (await listConfigurations(db, study.id)).filter(
    ({ number, objective }) => number < plan.firstConfiguration && objective !== null,
  );
  const observed = before.map(({ values, objective }) => ({ values, objective: objective as number, replicates: 1 }));
  const own = historyWithin(plan.space, { observed, infeasible: [], pending: [] });
  return own.observed.length + (earlier?.observed.length ?? 0);
}
