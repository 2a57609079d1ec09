/** One study to run: who searches, on what, how, and with which seed. Its curve is a function of these alone. */

export const OURS = ['halton', 'sobol', 'random', 'tpe', 'gp', 'auto'] as const;
export type OurSampler = (typeof OURS)[number];

/** Optuna's, by the names that `rival.py` knows. */
export const RIVALS = ['optuna-sobol', 'optuna-random', 'optuna-tpe', 'optuna-published-tpe', 'optuna-gp'] as const;
export type Rival = (typeof RIVALS)[number];

export type Contender = OurSampler | Rival;

/** How the objective is seen and how many trials run at once (k asks before k tells). */
export interface Setting {
  readonly atOnce: number;
  readonly noise: boolean;
  readonly infeasible: boolean;
}

export interface StudySpec extends Setting {
  readonly contender: Contender;
  readonly function: string;
  readonly seed: number;
  /** Trials. */
  readonly budget: number;
}

/**
 * Simple regret of the adopted configuration, without noise, after each trial at which it changed: [trials, regret]. None
 * until something feasible was seen; null where an infeasible configuration was recommended.
 */
export type Curve = readonly (readonly [number, number | null])[];

export interface StudyResult extends StudySpec {
  readonly curve: Curve;
  /** Mean time a suggestion of this study; of a machine that does other things too. */
  readonly msPerSuggestion: number;
  /** Trials that gave no value. */
  readonly infeasibleTrials: number;
}

export function isRival(contender: Contender): contender is Rival {
  return (RIVALS as readonly string[]).includes(contender);
}

/** Infinity where nothing feasible had been seen. */
export function regretAt(curve: Curve, trials: number): number {
  return curve.findLast(([at]) => at <= trials)?.[1] ?? Infinity;
}

export function settingName({ atOnce, noise, infeasible }: Setting): string {
  const seen = [...(noise ? ['noise'] : []), ...(infeasible ? ['30 % infeasible'] : [])];
  return [atOnce === 1 ? 'sequential' : `${atOnce} at once`, ...seen].join(', ');
}
