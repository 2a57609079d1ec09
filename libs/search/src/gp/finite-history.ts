import type { History } from '../sampler.ts';

/** Its square is still a number. */
const LARGEST_OBJECTIVE = 1e150;

/** Counts configurations without a finite objective as infeasible: they diverged, and no process can be fitted to them. */
export function finiteHistory(history: History): History {
  const { observed, infeasible, pruned = [] } = history;
  const isFinite = ({ objective }: { readonly objective: number }): boolean => Math.abs(objective) <= LARGEST_OBJECTIVE;
  return {
    ...history,
    observed: observed.filter(isFinite),
    infeasible: [...infeasible, ...observed.filter((entry) => !isFinite(entry)).map(({ values }) => values)],
    pruned: pruned.filter(isFinite),
  };
}
