/** Whether stored runs are those that this script would train: the same runs, of the same descriptions. */
import { plannedRuns } from './planned-runs.ts';
import type { StoredRun } from './stored-run.ts';

/** What differs, a sentence each; empty where the stored runs are the planned ones. */
export function staleRuns(runs: readonly StoredRun[]): readonly string[] {
  const planned = plannedRuns();
  const name = ({ seed, label }: Pick<StoredRun, 'seed' | 'label'>): string => `seed ${seed}, ${label ?? 'healthy'}`;
  const stored = new Map(runs.map((run) => [name(run), run]));
  const differing = planned.flatMap((plan) => {
    const run = stored.get(name(plan));
    if (run === undefined) return [`${name(plan)} is planned ("${plan.cause}") and not stored`];
    return run.fingerprint === plan.fingerprint
      ? []
      : [
          `${name(plan)} was trained as "${run.cause}" (${run.fingerprint}), planned is "${plan.cause}" (${plan.fingerprint})`,
        ];
  });
  const extra =
    runs.length - stored.size + [...stored.keys()].filter((key) => !planned.some((plan) => name(plan) === key)).length;
  return extra === 0 ? differing : [...differing, `${extra} stored runs are not planned`];
}
