/**
 * Where trials overfit, choosing the best one favours whatever regularises by accident, as a small learning rate does (Deep Learning
 * Tuning Playbook, "Examining the training curves"; practices 55-57). How many overfit, with which hyperparameters that goes, and
 * whether the best of a scientific value does: such a comparison waits for more regularisation, unless that is the question.
 *
 *   range   rank-biserial correlation of the scaled value with the flag, p by Mann and Whitney
 *   choice  Cramér's V, p by chi-square
 * p after Holm's correction over hyperparameters.
 */
import { unitMapping, valueCount, type Direction, type Hyperparameter, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check, NextStep } from './check.ts';
import type { CurveFinding } from './checklist.ts';
import { isolations } from './isolation.ts';
import { chiSquareSurvival } from './statistics/distributions.ts';
import { mannWhitney } from './statistics/mann-whitney.ts';
import { wilsonInterval } from './statistics/wilson-interval.ts';
import { showList, showNumber, showShare } from './wording.ts';

export const ACCIDENTAL_REGULARISATION_THRESHOLDS = {
  /** Trials whose curves were looked at. */
  fewestTrials: 8,
  /** A share of overfitting trials up to this is no obstacle. */
  tolerableShare: 0.1,
  /** Of a hyperparameter's association with overfitting, after correction. */
  significance: 0.05,
} as const;

export interface OverfittingAssociation {
  readonly name: string;
  /** -1 to 1 for a range: positive where larger values overfit; 0 to 1 for a choice. */
  readonly effect: number;
  readonly p: number;
  readonly adjustedP: number;
}

export interface OverfittingNumbers {
  readonly lookedAt: number;
  readonly overfitting: number;
  readonly share: number | null;
  readonly interval: readonly [number, number] | null;
  /** The surest first. */
  readonly associations: readonly OverfittingAssociation[];
  /** The best of each scientific value whose curve was looked at. */
  readonly bestOfValues: readonly { readonly label: string; readonly trial: number; readonly isOverfitting: boolean }[];
}

export const ACCIDENTAL_REGULARISATION_VERDICTS = ['none', 'few', 'overfitting', 'accidental', 'too-few'] as const;
export type AccidentalRegularisation = Check<(typeof ACCIDENTAL_REGULARISATION_VERDICTS)[number], OverfittingNumbers>;

export interface AccidentalRegularisationOptions {
  readonly direction: Direction;
  readonly findings: readonly CurveFinding[];
  readonly thresholds?: Partial<Record<keyof typeof ACCIDENTAL_REGULARISATION_THRESHOLDS, number>>;
}

/** `trials` of the check are those that overfit. */
export function accidentalRegularisation(
  space: Space,
  trials: readonly AnalysedTrial[],
  { direction, findings, thresholds }: AccidentalRegularisationOptions,
): AccidentalRegularisation {
  const limits = { ...ACCIDENTAL_REGULARISATION_THRESHOLDS, ...thresholds };
  const lookedAt = new Set(findings.map(({ trial }) => trial));
  const flagged = new Set(findings.filter(({ label }) => label === 'overfitting').map(({ trial }) => trial));
  const seen = trials.filter(({ number }) => lookedAt.has(number));
  const overfitting = seen.filter(({ number }) => flagged.has(number));
  const others = seen.filter(({ number }) => !flagged.has(number));
  const associations = corrected(
    space.hyperparameters
      .filter(({ domain }) => valueCount(domain) > 1)
      .flatMap((hyperparameter) => associationOf(hyperparameter, overfitting, others)),
  );
  const bestOfValues = isolations(space, trials, { direction }).flatMap(({ name, points }) =>
    points.flatMap(({ label, best }) =>
      best === null || !lookedAt.has(best.trial)
        ? []
        : [{ label: `${name} = ${String(label)}`, trial: best.trial, isOverfitting: flagged.has(best.trial) }],
    ),
  );
  const share = seen.length === 0 ? null : overfitting.length / seen.length;
  const numbers: OverfittingNumbers = {
    lookedAt: seen.length,
    overfitting: overfitting.length,
    share,
    interval: seen.length === 0 ? null : wilsonInterval(overfitting.length, seen.length),
    associations,
    bestOfValues,
  };
  const base = { numbers, trials: overfitting.map(({ number }) => number) };
  if (share === null || seen.length < limits.fewestTrials) {
    const reason = `the curves of ${seen.length} trials were looked at: at least ${limits.fewestTrials} are needed to say what overfits`;
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const worst = bestOfValues.filter(({ isOverfitting }) => isOverfitting);
  const counted = `${overfitting.length} of ${seen.length} trials overfit (${showShare(share)})`;
  if (overfitting.length === 0)
    return { ...base, verdict: 'none', status: 'pass', reason: `none of ${seen.length} trials overfits`, next: null };
  const bests =
    worst.length === 0 ? '' : `; so does the best of ${showList(worst.map(({ label }) => label))}, which is compared`;
  const next = regularise(space);
  const kindOf = new Map(space.hyperparameters.map(({ name, kind }) => [name, kind]));
  const accidental = associations.filter(
    ({ name, adjustedP }) =>
      adjustedP <= limits.significance && kindOf.get(name) !== 'regulariser' && kindOf.get(name) !== 'augmentation',
  );
  if (accidental.length > 0) {
    const which = accidental.map(({ name, effect }) => `${wordOf(space, name, effect)} (${showNumber(effect)})`);
    const reason = `${counted}, most with ${showList(which)}: selection may be choosing the other values to regularise${bests}`;
    return { ...base, verdict: 'accidental', status: 'caution', reason, next };
  }
  if (share <= limits.tolerableShare && worst.length === 0)
    return { ...base, verdict: 'few', status: 'pass', reason: counted, next: null };
  return { ...base, verdict: 'overfitting', status: 'caution', reason: `${counted}${bests}`, next };
}

function associationOf(
  { name, domain }: Hyperparameter,
  overfitting: readonly AnalysedTrial[],
  others: readonly AnalysedTrial[],
): readonly Omit<OverfittingAssociation, 'adjustedP'>[] {
  const valuesIn = (trials: readonly AnalysedTrial[]) =>
    trials.flatMap(({ values }) => (values[name] === undefined ? [] : [values[name]]));
  const [bad, good] = [valuesIn(overfitting), valuesIn(others)];
  if (bad.length === 0 || good.length === 0) return [];
  if (domain.type !== 'categorical') {
    const units = (values: typeof bad): readonly number[] => values.map(unitMapping(domain));
    const found = mannWhitney(units(bad), units(good));
    return found === null ? [] : [{ name, ...found }];
  }
  const total = bad.length + good.length;
  const used = domain.choices.filter((choice) => bad.includes(choice) || good.includes(choice));
  if (used.length < 2) return [];
  let statistic = 0;
  for (const choice of used) {
    const inChoice = [bad, good].map((values) => values.filter((value) => value === choice).length) as [number, number];
    [bad, good].forEach((values, i) => {
      const expected = ((inChoice[0] + inChoice[1]) * values.length) / total;
      statistic += ((inChoice[i] as number) - expected) ** 2 / expected;
    });
  }
  return [{ name, effect: Math.sqrt(statistic / total), p: chiSquareSurvival(statistic, used.length - 1) }];
}

function corrected(found: readonly Omit<OverfittingAssociation, 'adjustedP'>[]): readonly OverfittingAssociation[] {
  let floor = 0;
  return [...found]
    .sort((a, b) => a.p - b.p)
    .map((one, i, all) => {
      floor = Math.max(floor, Math.min(1, one.p * (all.length - i)));
      return { ...one, adjustedP: floor };
    });
}

function wordOf(space: Space, name: string, effect: number): string {
  const isChoice = space.hyperparameters.find((one) => one.name === name)?.domain.type === 'categorical';
  return isChoice ? `some choices of ${name}` : `${effect > 0 ? 'large' : 'small'} ${name}`;
}

/** Practice 56: nothing is added where regularisation is what the study asks about. */
function regularise({ hyperparameters, fixed }: Space): NextStep {
  const isQuestion = hyperparameters.some(({ kind, role }) => kind === 'regulariser' && role === 'scientific');
  if (isQuestion)
    return {
      action: 'keep',
      text: 'regularisation is what is asked about: read its isolation plot with the overfitting in mind, add none',
    };
  const searched = hyperparameters.filter(({ kind }) => kind === 'regulariser').map(({ name }) => name);
  const held = fixed.filter(({ kind }) => kind === 'regulariser').map(({ name }) => name);
  const what =
    searched.length > 0
      ? `search stronger values of ${showList(searched)}`
      : `search ${showList(held.length > 0 ? held : ['dropout', 'labelSmoothing', 'weightDecay'])} instead of holding it`;
  return { action: 'regularise', text: `${what}, then augmentation, and compare again` };
}
