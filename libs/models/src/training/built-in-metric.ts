/** Looks a metric up that a study names for the built-in trainer. */
import { BUILT_IN_METRICS, InputError, type Metric } from '@kinetune/study';

/** @throws InputError `unknown-metric` naming those there are. */
export function builtInMetric(name: string): Metric {
  const metric = BUILT_IN_METRICS.find((candidate) => candidate.name === name);
  if (metric !== undefined) return metric;
  throw new InputError('unknown-metric', `the built-in trainer measures ${listed(BUILT_IN_METRICS)}; got "${name}"`);
}

/** Training metrics reward memorising, and the test people are not looked at here. @throws InputError `objective` */
export function assertObjective(name: string): void {
  if (builtInMetric(name).split === 'validation') return;
  const valid = BUILT_IN_METRICS.filter(({ split }) => split === 'validation');
  throw new InputError('objective', `an objective is a validation metric: one of ${listed(valid)}; got "${name}"`);
}

function listed(metrics: readonly Metric[]): string {
  return metrics.map(({ name }) => name).join(', ');
}
