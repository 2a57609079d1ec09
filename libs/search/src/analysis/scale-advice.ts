/**
 * Scales by what a hyperparameter is (Deep Learning Tuning Playbook, by its figures, and "How should Adam's hyperparameters be tuned?";
 * practice 44): learning rates, weight decay and epsilon act by their order of magnitude; beta1 and beta2 by that of 1 - beta.
 */
import { parseName, type Domain, type Space } from '@kinetune/study';
import type { Check } from './check.ts';
import { showList, showNumber } from './wording.ts';

/** Searched over orders of magnitude, by leaf name. */
export const LOG_SCALED = ['learningRate', 'finalLearningRate', 'weightDecay', 'epsilon', 'clipNorm'] as const;
/** Whose distance to one is what matters. */
export const LOG_SCALED_TO_ONE = ['beta1', 'beta2', 'momentum'] as const;

export const SCALE_THRESHOLDS = {
  /** A linear range whose ends differ by this factor is sampled almost only near its upper end. */
  linearFactor: 10,
  fewestDecades: 1,
} as const;

export interface ScaleNote {
  readonly name: string;
  readonly scale: 'linear' | 'log';
  readonly proposed: 'linear' | 'log' | 'log of one minus it';
  /** Orders of magnitude between the ends; null for a range that reaches zero. */
  readonly decades: number | null;
  readonly trialsPerDecade: number | null;
  readonly text: string;
  readonly isProblem: boolean;
}

export type ScaleAdvice = Check<'fine' | 'change-scale', readonly ScaleNote[]>;

export interface ScaleOptions {
  readonly trialCount: number;
  readonly thresholds?: Partial<Record<keyof typeof SCALE_THRESHOLDS, number>>;
}

/** A note for each numeric hyperparameter that acts by its magnitude. Judged before a study runs: no trials are behind it. */
export function scaleAdvice(space: Space, { trialCount, thresholds }: ScaleOptions): ScaleAdvice {
  const limits = { ...SCALE_THRESHOLDS, ...thresholds };
  const notes = space.hyperparameters.flatMap(({ name, domain }): readonly ScaleNote[] => {
    if (domain.type === 'categorical') return [];
    const { leaf } = parseName(name);
    const isRate = (LOG_SCALED as readonly string[]).includes(leaf);
    const isToOne = (LOG_SCALED_TO_ONE as readonly string[]).includes(leaf);
    if (!isRate && !isToOne) return [];
    return [isRate ? rateNote(name, domain, { trialCount, limits }) : toOneNote(name, domain, { trialCount, limits })];
  });
  const problems = notes.filter(({ isProblem }) => isProblem);
  const domains = Object.fromEntries(
    problems.flatMap(({ name, proposed }) => {
      const domain = space.hyperparameters.find((one) => one.name === name)?.domain;
      return proposed === 'log' &&
        domain !== undefined &&
        domain.type !== 'categorical' &&
        domain.minimum > 0 &&
        domain.step === undefined
        ? [[name, { ...domain, scale: 'log' } satisfies Domain]]
        : [];
    }),
  );
  return {
    verdict: problems.length === 0 ? 'fine' : 'change-scale',
    status: problems.length === 0 ? 'pass' : 'caution',
    reason:
      (problems.length === 0 ? notes : problems).map(({ text }) => text).join('; ') ||
      'no hyperparameter acts by its order of magnitude',
    numbers: notes,
    trials: [],
    next:
      problems.length === 0
        ? null
        : {
            action: 'change-space',
            text: `search ${showList(problems.map(({ name }) => name))} over orders of magnitude`,
            ...(Object.keys(domains).length === 0 ? {} : { domains }),
          },
  };
}

interface Judging {
  readonly trialCount: number;
  readonly limits: Readonly<Record<keyof typeof SCALE_THRESHOLDS, number>>;
}

type NumericDomain = Exclude<Domain, { readonly type: 'categorical' }>;

function rateNote(
  name: string,
  { minimum, maximum, scale }: NumericDomain,
  { trialCount, limits }: Judging,
): ScaleNote {
  const decades = minimum > 0 ? Math.log10(maximum / minimum) : null;
  const trialsPerDecade = decades === null || decades === 0 ? null : trialCount / decades;
  const range = `${name}: ${showNumber(minimum)} to ${showNumber(maximum)}`;
  const span = decades === null ? `${range}, down to zero` : `${range}, ${showNumber(decades)} decades`;
  const density = trialsPerDecade === null ? '' : `, ${showNumber(trialsPerDecade)} trials a decade`;
  const isLinear = scale === 'linear' && (minimum <= 0 || maximum / minimum >= limits.linearFactor);
  const why =
    minimum <= 0
      ? 'on a linear scale, which a log one from a small value above zero should replace'
      : 'on a linear scale, where nearly all trials lie in the upper decade';
  return {
    name,
    scale,
    proposed: 'log',
    decades,
    trialsPerDecade,
    text: isLinear ? `${span}, ${why}` : `${span}${density}`,
    isProblem: isLinear,
  };
}

function toOneNote(
  name: string,
  { minimum, maximum, scale }: NumericDomain,
  { trialCount, limits }: Judging,
): ScaleNote {
  const decades = maximum < 1 ? Math.log10((1 - minimum) / (1 - maximum)) : null;
  const trialsPerDecade = decades === null || decades === 0 ? null : trialCount / decades;
  const isProblem = decades === null || decades >= limits.fewestDecades;
  const span = decades === null ? 'reaches one' : `spans ${showNumber(decades)} decades of 1 - ${name}`;
  const text = isProblem
    ? `${name} ${span}: a list such as 0.9, 0.99, 0.999 covers them evenly`
    : `${name} ${span}, linear is fine`;
  return {
    name,
    scale,
    proposed: isProblem ? 'log of one minus it' : 'linear',
    decades,
    trialsPerDecade,
    text,
    isProblem,
  };
}
