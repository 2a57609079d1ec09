/**
 * Asynchronous successive halving (ASHA; Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning",
 * arXiv 1810.05934), in its stopping form: nobody waits. Rungs lie at grace * eta^k. A trial that reaches a rung goes on if
 * it is among the best 1 / eta of the trials that have reached it so far (floor(n / eta) of n, at least the best one).
 *
 * A rung's value is the best up to there: a study's objective is that of a trial's best epoch, and a jittery curve is not
 * stopped for the one epoch at which the rung lies. `rungValue: 'last'` compares the values at the rung, as the paper does.
 *
 * A trial that ended infeasible is behind all others, as in the paper, where its loss is infinite: in the first rung that it
 * did not reach, and in those that it had, since what learns fastest and then diverges must not set the bar. So is a trial
 * that has no finite value at a rung.
 *
 * Against Optuna 5's SuccessiveHalvingPruner, whose decisions ours are elsewhere (grace: min_resource, with
 * min_early_stopping_rate 0):
 * - Optuna compares last values; ours are the same under 'last';
 * - Optuna leaves trials without a finite value out of the rung, and one that diverges later stays in it with what it had;
 * - the first `fewestInRung` - 1 at a rung go on unjudged (Optuna: 1, and its bootstrap_count stops the first ones);
 * - there is no rung at the end of the budget or beyond it: a finished training is not stopped. Optuna knows no end.
 */
import type { Objective } from '@kinetune/study';
import { bestOf, carryOn, hasReached, indexAt, prunerOf, pruneWithoutValue, type JudgedTrial } from './judged-trial.ts';
import { checkChoice, checkOption, tenthOf } from './options.ts';
import type { Pruner, PruningDecision } from './pruner.ts';
import { placeOf, showApart } from './wording.ts';

export const RUNG_VALUES = ['best', 'last'] as const;
export type RungValue = (typeof RUNG_VALUES)[number];

export interface SuccessiveHalvingOptions {
  /** One in so many goes on from a rung. Default 4. */
  readonly eta?: number;
  /** The first rung, in the budget's unit: nothing is stopped before. Default: a tenth of the budget. */
  readonly grace?: number;
  /** A rung is judged once it holds so many trials, the judged one among them. Default: eta. */
  readonly fewestInRung?: number;
  /** What is compared at a rung: the best value up to it, or the last. Default `best`. */
  readonly rungValue?: RungValue;
  /** The metric that is looked at. Default: the study's objective. */
  readonly watch?: Objective;
}

/** What the rungs of one bracket are and how they are judged. */
export interface HalvingRule {
  readonly eta: number;
  readonly grace: number;
  readonly fewestInRung: number;
  readonly rungValue: RungValue;
}

/** @throws InputError for options out of range. */
export function createSuccessiveHalvingPruner({ watch, ...options }: SuccessiveHalvingOptions = {}): Pruner {
  const ruleAt = halvingRule(options, 4);
  return prunerOf((trial) => judgeRungs(trial, ruleAt(trial.budget.total)), watch);
}

/** Options checked, with their defaults, once the length of a training is known. */
export function halvingRule(
  { eta: given, grace, fewestInRung, rungValue = 'best' }: Omit<SuccessiveHalvingOptions, 'watch'>,
  defaultEta: number,
): (total: number) => HalvingRule {
  const eta = given ?? defaultEta;
  checkOption('eta', eta, { isValid: eta >= 2, expected: 'at least 2' });
  if (grace !== undefined) checkOption('grace', grace, { isValid: grace > 0, expected: 'more than 0' });
  const fewest = fewestInRung ?? Math.ceil(eta);
  checkOption('fewestInRung', fewest, {
    isValid: Number.isInteger(fewest) && fewest >= 1,
    expected: 'a whole number of trials, at least 1',
  });
  checkChoice('rungValue', rungValue, RUNG_VALUES);
  return (total) => ({ eta, grace: grace ?? tenthOf(total), fewestInRung: fewest, rungValue });
}

/** The rungs below `total`: grace, grace * eta, grace * eta^2, ... */
export function rungsOf({ eta, grace }: Pick<HalvingRule, 'eta' | 'grace'>, total: number): readonly number[] {
  const rungs: number[] = [];
  for (let rung = grace; !hasReached(rung, total); rung *= eta) rungs.push(rung);
  return rungs;
}

/** Judges every rung that the last measurement reached, lowest first. */
export function judgeRungs(trial: JudgedTrial, rule: HalvingRule): PruningDecision {
  const { at, before, budget } = trial;
  const rungs = rungsOf(rule, budget.total);
  let decision: PruningDecision | undefined;
  for (const [k, rung] of rungs.entries()) {
    if (!hasReached(at, rung) || hasReached(before, rung)) continue;
    decision = judgeRung(trial, rule, { rung, below: rungs[k - 1] ?? 0 });
    if (decision.verdict === 'prune') return decision;
  }
  if (decision !== undefined) return decision;
  const next = rungs.find((rung) => !hasReached(at, rung));
  const rest =
    next !== undefined
      ? `the next rung is ${placeOf(next, budget.unit)}`
      : rungs.length === 0
        ? 'there is none before the end of the training'
        : 'the last rung is passed';
  return carryOn(`no rung at ${placeOf(at, budget.unit)}: ${rest}`, at);
}

function judgeRung(
  trial: JudgedTrial,
  { eta, fewestInRung, rungValue }: HalvingRule,
  { rung, below }: { readonly rung: number; readonly below: number },
): PruningDecision {
  const { at, direction, metric, budget } = trial;
  const value = rungValue === 'best' ? bestOf(trial.values, direction) : (trial.values.at(-1) ?? null);
  const others = inRung(trial, { rung, below, rungValue });
  const count = others.length + 1;
  const place = `the rung at ${placeOf(rung, budget.unit)}`;
  if (value === null) {
    if (rungValue === 'best') return pruneWithoutValue(trial);
    const reason = `${metric} is not finite at ${placeOf(at, budget.unit)}, where it reached ${place}`;
    return { verdict: 'prune', reason, evidence: [trial.number], at, value, threshold: null };
  }
  if (count < fewestInRung) {
    return carryOn(`${place} holds ${count} of the ${fewestInRung} trials that are needed to judge by`, at);
  }
  const sign = direction === 'maximise' ? -1 : 1;
  const finite = [value, ...others.flatMap((other) => other.value ?? [])].sort((a, b) => sign * (a - b));
  const promoted = Math.max(1, Math.floor(count / eta));
  const threshold = finite[promoted - 1] ?? null;
  const evidence = others.map(({ number }) => number).sort((a, b) => a - b);
  const what = rungValue === 'best' ? `the best ${metric} so far` : metric;
  if (threshold === null) {
    const reason = `${place} lets ${promoted} of ${count} trials go on and only ${finite.length} have a finite ${metric}`;
    return { verdict: 'continue', reason, evidence, at, value, threshold };
  }
  const isPromoted = sign * (value - threshold) <= 0;
  const [shown, limit] = showApart(value, threshold);
  const rank = 1 + finite.filter((other) => sign * (other - value) < 0).length;
  const reason = `at ${placeOf(at, budget.unit)} ${what}, ${shown}, is number ${rank} of ${count} trials in ${place}, where the best ${promoted} go on: ${limit} is needed`;
  return { verdict: isPromoted ? 'continue' : 'prune', reason, evidence, at, value, threshold };
}

/** The other trials in a rung with their values; null: not finite, or infeasible. */
function inRung(
  { others, metric, direction, budget }: JudgedTrial,
  { rung, below, rungValue }: { readonly rung: number; readonly below: number; readonly rungValue: RungValue },
): readonly { readonly number: number; readonly value: number | null }[] {
  return others().flatMap((other) => {
    const { number } = other;
    const index = indexAt(other[budget.unit], rung);
    if (other.state === 'INFEASIBLE') {
      const isHere = index >= 0 || below === 0 || hasReached(other[budget.unit].at(-1) ?? 0, below);
      return isHere ? [{ number, value: null }] : [];
    }
    if (index < 0) return [];
    const column = other.values[metric];
    if (column === undefined) return [];
    const last = column[index] ?? null;
    const value = rungValue === 'best' ? bestOf(column, direction, index + 1) : last;
    return { number, value: value !== null && Number.isFinite(value) ? value : null };
  });
}
