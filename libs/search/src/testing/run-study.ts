/** A study without trainings: every outcome there is, results of a made-up loss, any number of trials at once. */
import { createRng, type Space, type Values } from '@kinetune/study';
import { suggestedBefore } from '../history-within.ts';
import type { History, ObservedConfiguration, PrunedConfiguration, Sampler, SuggestionRequest } from '../sampler.ts';

export interface RunOptions {
  /** Suggestions at most; the run ends before with the first null. */
  readonly count: number;
  readonly seed?: number;
  /** Trials at once; they end in an order that depends on it. */
  readonly atOnce?: number;
  readonly accepts?: (values: Values) => boolean;
  readonly given?: Values;
  /** What was suggested before, of this or of another space; the run goes on at the next index. */
  readonly before?: History;
}

export interface Run {
  /** In the order of suggestion. */
  readonly suggested: readonly Values[];
  readonly isUsedUp: boolean;
  readonly history: History;
}

/** A loss of any configuration, different for each. */
function lossOf(values: Values): number {
  return Object.entries(values).reduce(
    (sum, [name, value]) =>
      sum + (typeof value === 'number' ? Math.log1p(Math.abs(value)) : createRng(name, String(value)).next()),
    0,
  );
}

export function runStudy(sampler: Sampler, space: Space, options: RunOptions): Run {
  const { count, seed = 3, atOnce = 1, before } = options;
  const observed: ObservedConfiguration[] = [...(before?.observed ?? [])];
  const infeasible: Values[] = [...(before?.infeasible ?? [])];
  const pruned: PrunedConfiguration[] = [...(before?.pruned ?? [])];
  let pending: Values[] = [...(before?.pending ?? [])];
  const first = before === undefined ? 0 : suggestedBefore(before).length;
  const rng = createRng('run', atOnce);
  const suggested: Values[] = [];
  const running: { readonly index: number; readonly values: Values }[] = [];
  const endOne = (): void => {
    const [ended] = running.splice(rng.integer(running.length), 1);
    if (ended === undefined || ended.index % 11 === 7) return; // One that runs for ever.
    const { index, values } = ended;
    pending = pending.filter((one) => one !== values);
    if (index % 5 === 4) infeasible.push(values);
    else if (index % 7 === 3) pruned.push({ values, objective: lossOf(values), progress: 0.5 });
    else observed.push({ values, objective: lossOf(values), replicates: 1 });
  };
  let isUsedUp = false;
  while (suggested.length < count) {
    if (running.length >= atOnce) endOne();
    const history: History = {
      observed: [...observed],
      infeasible: [...infeasible],
      pending: [...pending],
      pruned: [...pruned],
    };
    const index = first + suggested.length;
    const suggestion = sampler(requestOf(space, { ...options, seed, index, history }));
    if (suggestion === null) {
      isUsedUp = true;
      break;
    }
    suggested.push(suggestion.values);
    pending.push(suggestion.values);
    running.push({ index, values: suggestion.values });
  }
  return { suggested, isUsedUp, history: { observed, infeasible, pending, pruned } };
}

interface RequestOptions extends Pick<RunOptions, 'accepts' | 'given'> {
  readonly seed: number;
  readonly index: number;
  readonly history?: History;
}

export function requestOf(space: Space, { seed, index, history, accepts, given }: RequestOptions): SuggestionRequest {
  return {
    space,
    seed,
    index,
    direction: 'minimise',
    history: history ?? { observed: [], infeasible: [], pending: [] },
    ...(accepts === undefined ? {} : { accepts }),
    ...(given === undefined ? {} : { given }),
  };
}
