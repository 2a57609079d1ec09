/** What samplers are compared on: a function of a configuration, to be minimised. One definition serves every contender. */
import type { Space, Values } from '@kinetune/study';

export interface BenchmarkFunction {
  readonly name: string;
  readonly space: Space;
  /** Lower is better; NaN says that the configuration is infeasible. A pure function. */
  readonly evaluate: (values: Values) => number;
  /** Its least value over the space, where it is known: regret is counted from it. Else values are compared as they are. */
  readonly minimum?: number;
  /** A configuration that has the least value: planted infeasibility spares it. The best of a random sample when left out. */
  readonly optimum?: Values;
}
