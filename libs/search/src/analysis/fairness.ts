/**
 * Were the compared values tuned equally well? (Deep Learning Tuning Playbook, "Striking a balance between informative and
 * affordable experiments"; practices 35 and 67.) Arms are the values of a scientific hyperparameter in one study, or the studies
 * of a group, one a value. Unequal budgets favour the arm with more trials; nuisance hyperparameters tuned in one arm alone favour
 * that arm.
 */
import {
  domainValues,
  parseName,
  unitMapping,
  valueCount,
  valueFromUnit,
  type Domain,
  type Hyperparameter,
  type HyperparameterValue,
  type Space,
} from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { ISOLATION_DEFAULTS } from './isolation.ts';
import { chiSquareSurvival } from './statistics/distributions.ts';
import { showCount, showList, showNumber } from './wording.ts';

export const FAIRNESS_THRESHOLDS = {
  /** The smallest arm's trials against the largest's; fewer is unfair. */
  smallestRatio: 0.8,
  /** Below this probability counts did not come from uniform sampling. */
  uniformityP: 0.01,
} as const;
type Limits = Readonly<Record<keyof typeof FAIRNESS_THRESHOLDS, number>>;

export interface Arm {
  /** For people: `depth = 12`. */
  readonly label: string;
  /** Nuisance hyperparameters tuned in it: by leaf name, with what was searched in words. */
  readonly nuisance: Readonly<Record<string, string>>;
  /** Leaf names that mean nothing in this arm, as momentum for Adam: that they were not tuned is no unfairness. */
  readonly inapplicable: readonly string[];
  /** Trials that gave a result. */
  readonly trials: readonly number[];
  /** Training steps of each trial, where they are the same for all; null where not known. */
  readonly steps: number | null;
}

export interface FairnessNumbers {
  readonly arms: readonly { readonly label: string; readonly trialCount: number; readonly nuisanceCount: number }[];
  readonly smallestRatio: number | null;
  /** Chi-square test of equal counts; null with fewer than two arms. */
  readonly uniformityP: number | null;
  /** What makes the comparison unfair, in sentences. */
  readonly differences: readonly string[];
  /** Ranges that differ: right where the arms need other values, to be looked at anyway. */
  readonly rangeDifferences: readonly string[];
}

export const FAIRNESS_VERDICTS = ['fair', 'skewed', 'unfair', 'not-known'] as const;
export type Fairness = Check<(typeof FAIRNESS_VERDICTS)[number], FairnessNumbers>;

export interface FairnessOptions {
  readonly thresholds?: Partial<Limits>;
}

/**
 * The arms of one study: its trials by their value of a scientific hyperparameter, those never tried too; a continuous one by even
 * parts of its range in its own scale, as in its isolation plot.
 */
export function armsOf(space: Space, trials: readonly AnalysedTrial[], name: string): readonly Arm[] {
  const hyperparameter = space.hyperparameters.find((one) => one.name === name);
  if (hyperparameter === undefined) throw new RangeError(`expected a hyperparameter of the space, got ${name}`);
  const { domain } = hyperparameter;
  const finished = trials.filter(
    ({ state, values }) =>
      Object.hasOwn(values, name) && (state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE'),
  );
  const nuisance = space.hyperparameters.filter((one) => one.role === 'nuisance' && valueCount(one.domain) > 1);
  const armWith = (label: string, members: readonly AnalysedTrial[], value: HyperparameterValue | null): Arm => {
    const applies = nuisance.filter(({ name: other }) =>
      parseName(other).conditions.every(
        ({ parent, equals }) => parent !== name || value === null || equals === String(value),
      ),
    );
    const searched = searchedOf(applies);
    return {
      label: `${name} = ${label}`,
      nuisance: searched,
      inapplicable: nuisance.map((one) => parseName(one.name).leaf).filter((leaf) => !Object.hasOwn(searched, leaf)),
      trials: members.map(({ number }) => number),
      steps: null,
    };
  };
  if (Number.isFinite(valueCount(domain))) {
    const groups = new Map<HyperparameterValue, AnalysedTrial[]>(domainValues(domain).map((value) => [value, []]));
    for (const trial of finished) groups.get(trial.values[name] as HyperparameterValue)?.push(trial);
    return [...groups].map(([value, members]) => armWith(String(value), members, value));
  }
  const count = ISOLATION_DEFAULTS.buckets;
  const unitOf = unitMapping(domain);
  return Array.from({ length: count }, (_, bucket) => {
    const [from, to] = [bucket / count, (bucket + 1) / count].map((unit) => valueFromUnit(domain, unit) as number);
    const members = finished.filter((trial) => {
      const unit = unitOf(trial.values[name] as number);
      return Math.min(Math.floor(unit * count), count - 1) === bucket;
    });
    return armWith(`${showNumber(from as number)} to ${showNumber(to as number)}`, members, null);
  });
}

/** One study of a group as an arm. */
export function armOfStudy(
  space: Space,
  trials: readonly AnalysedTrial[],
  rest: Pick<Arm, 'label' | 'inapplicable' | 'steps'>,
): Arm {
  return {
    ...rest,
    nuisance: searchedOf(space.hyperparameters.filter((one) => one.role === 'nuisance' && valueCount(one.domain) > 1)),
    trials: trials
      .filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE')
      .map(({ number }) => number),
  };
}

function searchedOf(hyperparameters: readonly Hyperparameter[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    hyperparameters.map(({ name, domain }) => {
      const { conditions, leaf } = parseName(name);
      // The rate of SGD and that of Adam are different hyperparameters: their ranges are their own.
      return [leaf, conditions.length > 0 ? 'in its branch' : showRange(domain)];
    }),
  );
}

function showRange(domain: Domain): string {
  if (domain.type === 'categorical') return domain.choices.join(' | ');
  const { minimum, maximum, scale } = domain;
  return `${showNumber(minimum)} to ${showNumber(maximum)}${scale === 'log' ? ' (log)' : ''}`;
}

/** @param arms two at least; see `armsOf` for those of one study. */
export function fairness(arms: readonly Arm[], { thresholds }: FairnessOptions = {}): Fairness {
  const limits = { ...FAIRNESS_THRESHOLDS, ...thresholds };
  const counts = arms.map(({ trials }) => trials.length);
  const largest = Math.max(...counts, 0);
  const smallestRatio = arms.length < 2 || largest === 0 ? null : Math.min(...counts) / largest;
  const uniformityP = arms.length < 2 || largest === 0 ? null : equalCountsP(counts);
  const differences = [...untuned(arms), ...stepDifferences(arms)];
  const rangeDifferences = rangeDifferencesOf(arms);
  const base = {
    numbers: {
      arms: arms.map(({ label, trials, nuisance }) => ({
        label,
        trialCount: trials.length,
        nuisanceCount: Object.keys(nuisance).length,
      })),
      smallestRatio,
      uniformityP,
      differences,
      rangeDifferences,
    },
    trials: arms.flatMap(({ trials }) => trials),
  };
  if (smallestRatio === null || uniformityP === null) {
    const reason =
      arms.length < 2
        ? 'fewer than two values are compared: there is nothing to be fair between'
        : 'no trial has finished';
    return { ...base, verdict: 'not-known', status: 'not-known', reason, next: null };
  }
  const shown = arms.map(({ label, trials }) => `${label}: ${showCount(trials.length, 'trial')}`).join(', ');
  const lacking = arms.filter(({ trials }) => trials.length < limits.smallestRatio * largest);
  const missing = lacking.reduce((sum, { trials }) => sum + largest - trials.length, 0);
  const more = {
    action: 'equalise',
    text: `run ${missing} more trials: ${lacking.map(({ label, trials }) => `${largest - trials.length} with ${label}`).join(', ')}`,
    trialCount: missing,
  } as const;
  if (differences.length > 0) {
    const next =
      lacking.length > 0
        ? more
        : ({ action: 'equalise', text: `tune the same in every arm: ${differences.join('; ')}` } as const);
    return { ...base, verdict: 'unfair', status: 'fail', reason: `${differences.join('; ')} (${shown})`, next };
  }
  if (lacking.length > 0) {
    const isChance = uniformityP >= limits.uniformityP;
    const why = isChance ? '' : ', which uniform sampling would not give';
    const reason = `${shown}: the arms were not tuned equally well${why} (chi-square p = ${showNumber(uniformityP)})`;
    return {
      ...base,
      verdict: isChance ? 'skewed' : 'unfair',
      status: isChance ? 'caution' : 'fail',
      reason,
      next: more,
    };
  }
  if (rangeDifferences.length > 0) {
    const reason = `${rangeDifferences.join('; ')}; fair only if each arm needs its own (${shown})`;
    return { ...base, verdict: 'skewed', status: 'caution', reason, next: null };
  }
  return {
    ...base,
    verdict: 'fair',
    status: 'pass',
    reason: `${shown}, the same nuisance hyperparameters in each`,
    next: null,
  };
}

/** Pearson's chi-square test of equal expected counts: the p-value. */
export function equalCountsP(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return chiSquareSurvival(statistic, counts.length - 1);
}

function untuned(arms: readonly Arm[]): readonly string[] {
  const names = [...new Set(arms.flatMap(({ nuisance }) => Object.keys(nuisance)))];
  return names.flatMap((name) => {
    const lacking = arms.filter(
      ({ nuisance, inapplicable }) => !Object.hasOwn(nuisance, name) && !inapplicable.includes(name),
    );
    return lacking.length === 0 ? [] : [`${name} was not tuned for ${showList(lacking.map(({ label }) => label))}`];
  });
}

function rangeDifferencesOf(arms: readonly Arm[]): readonly string[] {
  const names = [...new Set(arms.flatMap(({ nuisance }) => Object.keys(nuisance)))];
  return names.flatMap((name) => {
    const having = arms.filter(({ nuisance }) => Object.hasOwn(nuisance, name));
    if (new Set(having.map(({ nuisance }) => nuisance[name])).size < 2) return [];
    const shown = having.map(({ label, nuisance }) => `${nuisance[name] ?? ''} for ${label}`);
    return [`${name} was searched in other ranges: ${shown.join(', ')}`];
  });
}

function stepDifferences(arms: readonly Arm[]): readonly string[] {
  const known = arms.filter(({ steps }) => steps !== null);
  const different = new Set(known.map(({ steps }) => steps));
  return different.size < 2
    ? []
    : [
        `trained for different lengths: ${known.map(({ label, steps }) => `${steps ?? 0} steps for ${label}`).join(', ')}`,
      ];
}
