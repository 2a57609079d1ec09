/** Our samplers at work on a study, as the scheduler uses them: a request with the whole history for every suggestion. */
import type { Space, Values } from '@kinetune/study';
import { createSampler, recommend, type ObservedConfiguration, type SuggestionRequest } from '@kinetune/search';
import type { AskTell, Asked } from './ask-tell.ts';
import type { OurSampler } from './study-spec.ts';

export interface OurStudyOptions {
  readonly space: Space;
  readonly seed: number;
  /** Trials, and how many at once. */
  readonly budget: number;
  readonly atOnce: number;
  /** Results that the study begins with. */
  readonly observed?: readonly ObservedConfiguration[];
}

export function startOurStudy(kind: OurSampler, options: OurStudyOptions): AskTell {
  const { space, seed, budget: trialCount, atOnce: parallelism, observed: past = [] } = options;
  const sampler = createSampler({ kind }, { phase: 'exploit', trialCount, parallelism });
  const observed: ObservedConfiguration[] = [...past];
  const infeasible: Values[] = [];
  const pending = new Map<number, Values>();
  let index = past.length;
  let engine = '';

  const request = (): SuggestionRequest => ({
    space,
    seed,
    index,
    direction: 'minimise',
    history: { observed, infeasible, pending: [...pending.values()] },
  });

  return {
    async ask(count) {
      const asked: Asked[] = [];
      const ms: number[] = [];
      while (asked.length < count) {
        const start = performance.now();
        const suggestion = sampler(request());
        if (suggestion === null) break;
        ms.push(performance.now() - start);
        engine = suggestion.engine;
        pending.set(index, suggestion.values);
        asked.push({ number: index, values: suggestion.values });
        index++;
      }
      return { asked, ms };
    },
    async tell(told) {
      for (const { number, value } of told) {
        const values = pending.get(number);
        if (values === undefined) throw new Error(`trial ${number} is not running`);
        pending.delete(number);
        if (Number.isFinite(value)) observed.push({ values, objective: value, replicates: 1 });
        else infeasible.push(values);
      }
    },
    ...(kind === 'gp' || kind === 'auto' ? { recommend: async () => adopted().values } : {}),
  };

  /** By the posterior mean where a Gaussian process searched, else the best observed one. */
  function adopted(): ObservedConfiguration {
    const best = observed.reduce((a, b) => (b.objective < a.objective ? b : a));
    return (engine === 'gp' ? recommend(request()) : null) ?? best;
  }
}
