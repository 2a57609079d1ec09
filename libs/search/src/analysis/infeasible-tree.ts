/**
 * Where a space cannot be trained, as rules a person can read: a shallow classification tree (Breiman et al. 1984, Gini
 * impurity) over the hyperparameters. A split asks a question that a trial either satisfies or not:
 *
 *   x > t, x <= t    t halfway between neighbouring values in x's own scale; asked of a conditional x, a trial that does not
 *                    have it answers no, so that both questions are tried
 *   x = choice
 *
 * A node is split where the likelihood-ratio test of the two parts stays below 5 % after Bonferroni's correction for the
 * questions tried there: noise is described as noise.
 */
import type { HyperparameterValue, Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { chiSquareSurvival } from './statistics/distributions.ts';
import { showNumber } from './wording.ts';

export type Rule =
  | { readonly name: string; readonly is: 'above' | 'at-most'; readonly value: number }
  | { readonly name: string; readonly is: 'equal' | 'not-equal'; readonly value: HyperparameterValue };

export interface TreeLeaf {
  /** All hold in the leaf; at most one lower and one upper bound a hyperparameter. */
  readonly rules: readonly Rule[];
  readonly trials: readonly number[];
  /** Numbers of the infeasible among them. */
  readonly infeasible: readonly number[];
}

/** Thresholds tried a hyperparameter and node. */
const MOST_THRESHOLDS = 100;

export interface TreeOptions {
  readonly depth: number;
  /** Trials on either side of a split. */
  readonly smallestLeaf: number;
  readonly significance: number;
}

/** The leaves of the tree of finished trials, from the most infeasible down. */
export function infeasibleTree(
  space: Space,
  finished: readonly AnalysedTrial[],
  options: TreeOptions,
): readonly TreeLeaf[] {
  return grow({ space, options }, finished, []).sort((a, b) => b.infeasible.length - a.infeasible.length);
}

interface Growing {
  readonly space: Space;
  readonly options: TreeOptions;
}

function grow(growing: Growing, trials: readonly AnalysedTrial[], rules: readonly Rule[]): TreeLeaf[] {
  const { options, space } = growing;
  const leaf = {
    rules,
    trials: trials.map(({ number }) => number),
    infeasible: trials.filter(isBad).map(({ number }) => number),
  };
  const isPure = leaf.infeasible.length === 0 || leaf.infeasible.length === trials.length;
  if (options.depth === 0 || isPure) return [leaf];
  const all: Side = { count: trials.length, bad: leaf.infeasible.length };
  const questions = questionsOf(space, trials).filter(
    ({ yes }) => yes.count >= options.smallestLeaf && all.count - yes.count >= options.smallestLeaf,
  );
  const best = questions
    .map(({ rule, yes }) => ({ rule, yes, impurity: impurityOf(yes) + impurityOf(rest(all, yes)) }))
    .reduce<(Question & { readonly impurity: number }) | undefined>(
      (least, one) => (least === undefined || one.impurity < least.impurity - 1e-12 ? one : least),
      undefined,
    );
  if (best === undefined || questions.length * likelihoodRatioP(all, best.yes) > options.significance) return [leaf];
  const next: Growing = { space, options: { ...options, depth: options.depth - 1 } };
  return [true, false].flatMap((answer) =>
    grow(
      next,
      trials.filter((trial) => holds(best.rule, trial) === answer),
      withRule(rules, answer ? best.rule : negated(best.rule)),
    ),
  );
}

/** A rule, and the trials that answer yes. */
interface Question {
  readonly rule: Rule;
  readonly yes: Side;
}

interface Side {
  readonly count: number;
  /** The infeasible among them. */
  readonly bad: number;
}

function questionsOf(space: Space, trials: readonly AnalysedTrial[]): readonly Question[] {
  return space.hyperparameters.flatMap(({ name, domain }): readonly Question[] => {
    if (domain.type === 'categorical') {
      // Of two choices one question says it all.
      const asked = domain.choices.length === 2 ? domain.choices.slice(0, 1) : domain.choices;
      return asked.map((value): Question => {
        const rule = { name, is: 'equal', value } as const;
        return { rule, yes: countOf(trials.filter((trial) => holds(rule, trial))) };
      });
    }
    const active = trials.filter(({ values }) => Object.hasOwn(values, name));
    const valuesIn = (some: readonly AnalysedTrial[]): Float64Array =>
      Float64Array.from(some, ({ values }) => values[name] as number).sort();
    const [all, bad] = [valuesIn(active), valuesIn(active.filter(isBad))];
    const middles = middlesOf(all, domain.scale);
    const atMost = middles.map((value): Side => ({ count: countAtMost(all, value), bad: countAtMost(bad, value) }));
    const above = middles.map((value, i): Question => ({
      rule: { name, is: 'above', value },
      yes: rest({ count: all.length, bad: bad.length }, atMost[i] as Side),
    }));
    if (active.length === trials.length) return above;
    return [
      ...above,
      ...middles.map((value, i): Question => ({ rule: { name, is: 'at-most', value }, yes: atMost[i] as Side })),
    ];
  });
}

/** Thresholds halfway between neighbouring values. Of very many values every so many are asked about. */
function middlesOf(sorted: Float64Array, scale: 'linear' | 'log'): readonly number[] {
  const values = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const gaps = Math.max(values.length - 1, 0);
  const askedCount = Math.min(gaps, MOST_THRESHOLDS);
  return Array.from({ length: askedCount }, (_, i) => {
    const at = Math.floor((i * gaps) / askedCount);
    const [below, value] = [values[at] as number, values[at + 1] as number];
    return scale === 'log' ? Math.sqrt(value * below) : (value + below) / 2;
  });
}

/** How many of the sorted values are at most `limit`, by bisection. */
function countAtMost(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a trial answers yes; one without the hyperparameter answers yes to `not-equal` alone. */
function holds(rule: Rule, { values }: AnalysedTrial): boolean {
  const own = values[rule.name];
  switch (rule.is) {
    case 'equal':
      return own === rule.value;
    case 'not-equal':
      return own !== rule.value;
    case 'above':
      return own !== undefined && (own as number) > rule.value;
    case 'at-most':
      return own !== undefined && (own as number) <= rule.value;
  }
}

function negated(rule: Rule): Rule {
  switch (rule.is) {
    case 'equal':
      return { ...rule, is: 'not-equal' };
    case 'not-equal':
      return { ...rule, is: 'equal' };
    case 'above':
      return { ...rule, is: 'at-most' };
    case 'at-most':
      return { ...rule, is: 'above' };
  }
}

/** Adds a rule; of two bounds on the same side the later, tighter one stays. */
function withRule(rules: readonly Rule[], rule: Rule): readonly Rule[] {
  const isBound = rule.is === 'above' || rule.is === 'at-most';
  return [...rules.filter((other) => !(isBound && other.name === rule.name && other.is === rule.is)), rule];
}

function countOf(trials: readonly AnalysedTrial[]): Side {
  return { count: trials.length, bad: trials.filter(isBad).length };
}

function rest(all: Side, yes: Side): Side {
  return { count: all.count - yes.count, bad: all.bad - yes.bad };
}

/** Gini's, times the trials. */
function impurityOf({ count, bad }: Side): number {
  const share = bad / count;
  return count * 2 * share * (1 - share);
}

/** p of the G test of a 2 x 2 table: 2 sum observed log(observed / expected), chi-square with one degree of freedom. */
function likelihoodRatioP(all: Side, yes: Side): number {
  let g = 0;
  for (const { count, bad } of [yes, rest(all, yes)]) {
    for (const [observed, inAll] of [
      [bad, all.bad],
      [count - bad, all.count - all.bad],
    ] as const) {
      const expected = (count * inAll) / all.count;
      if (observed > 0) g += 2 * observed * Math.log(observed / expected);
    }
  }
  return chiSquareSurvival(g, 1);
}

function isBad({ state }: AnalysedTrial): boolean {
  return state === 'INFEASIBLE';
}

/** `learningRate > 0.00412 and warmupSteps <= 100`. */
export function describeRules(rules: readonly Rule[]): string {
  const words = { above: '>', 'at-most': '<=', equal: '=', 'not-equal': 'is not' } as const;
  return rules
    .map(({ name, is, value }) => `${name} ${words[is]} ${typeof value === 'number' ? showNumber(value) : value}`)
    .join(' and ');
}
