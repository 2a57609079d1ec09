/** A study's sampler from its settings, complete: with even scientific values, start-up, and what an earlier space taught. */
import type { Phase, SamplerSettings, Space } from '@kinetune/study';
import { chooseEngine } from './choose-engine.ts';
import { createGpSampler } from './gp/gp-sampler.ts';
import { createGridSampler } from './grid/grid-sampler.ts';
import { haltonSampler } from './halton/halton-sampler.ts';
import { historyWithin } from './history-within.ts';
import { createListSampler } from './list/list-sampler.ts';
import { randomSampler } from './random/random-sampler.ts';
import type { History, Sampler } from './sampler.ts';
import { sobolSampler } from './sobol/sobol-sampler.ts';
import { createTpeSampler } from './tpe/tpe-sampler.ts';
import { withUniformScientific } from './uniform-scientific.ts';

export interface SamplerContext {
  readonly phase: Phase;
  /** Configurations that this phase of the study proposes. */
  readonly trialCount: number;
  /** Trials at once. */
  readonly parallelism: number;
  /** Results within the space that were known before the phase began, of exploring or of an earlier study; none unless stated. */
  readonly knownCount?: number;
}

export function createSampler(settings: SamplerSettings, context: SamplerContext): Sampler {
  switch (settings.kind) {
    case 'auto':
      return automatic(context);
    case 'halton':
      return haltonSampler;
    case 'sobol':
      return sobolSampler;
    case 'random':
      return randomSampler;
    case 'grid':
      return createGridSampler(settings);
    case 'list':
      return createListSampler(settings);
    case 'gp':
    case 'tpe':
      return adaptive(settings.kind, settings.startupTrials, context);
  }
}

/** Decides at every suggestion, from the space of the moment. */
function automatic(context: SamplerContext): Sampler {
  const { knownCount = 0 } = context;
  const samplers = {
    halton: haltonSampler,
    gp: adaptive('gp', undefined, context),
    tpe: adaptive('tpe', undefined, context),
  };
  return (request) => {
    const { engine, reason } = chooseEngine(request.space, { ...context, knownCount });
    const suggestion = samplers[engine](request);
    return suggestion && { ...suggestion, reason: `${reason}; ${suggestion.reason}` };
  };
}

function adaptive(kind: 'gp' | 'tpe', stated: number | undefined, { trialCount }: SamplerContext): Sampler {
  const create = { gp: createGpSampler, tpe: createTpeSampler }[kind];
  return withUniformScientific((request) => {
    const history = historyWithin(request.space, request.history);
    const startupTrials = stated ?? startupFor(request.space, trialCount);
    // What lies outside tells a quasi-random sampler that the space was another.
    const quasiRandom: Sampler = (asked) => haltonSampler({ ...asked, history: request.history });
    const sampler = create({ startup: startingUp(quasiRandom, history, startupTrials), startupTrials });
    return sampler({ ...request, history });
  });
}

/** Quasi-random configurations before a model pays: a few more than it has dimensions, at most a quarter of the trials. */
function startupFor({ hyperparameters }: Space, trialCount: number): number {
  return Math.max(4, Math.min(Math.max(10, hyperparameters.length + 5), 20, Math.floor(trialCount / 4)));
}

function startingUp(sampler: Sampler, { observed, infeasible }: History, startupTrials: number): Sampler {
  const done = observed.length + infeasible.length;
  const why =
    done < startupTrials
      ? `${done} of the ${startupTrials} results that the model starts from are there`
      : 'the model has nothing to propose';
  return (request) => {
    const suggestion = sampler(request);
    return suggestion && { ...suggestion, reason: `${why}; ${suggestion.reason}` };
  };
}
