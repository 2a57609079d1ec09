/**
 * Are evaluations frequent enough to choose the best step in retrospect? (Deep Learning Tuning Playbook, "Deciding how long to
 * train"; practice 85: err on longer, given checkpoints that are frequent enough.)
 *
 * Around the best evaluation the metric falls off on both sides; a parabola through it and its neighbours gives the value that
 * the best step in between could have had. Spacing is too coarse where that is more than noise above the best that was seen.
 */
import type { Direction } from '@kinetune/study';
import type { Check } from './check.ts';
import { secondDifferenceNoise } from './curve-noise.ts';
import { median } from './statistics/moments.ts';
import { showNumber } from './wording.ts';

export const EVALUATION_SPACING_THRESHOLDS = {
  /** The loss may be this many noise standard deviations. */
  lossInNoise: 1,
  /** Fewer evaluations a trial are sparse whatever the curve. */
  fewestEvaluations: 8,
} as const;

/** The objective's metric over a trial, at rising steps; null where it was not finite. */
export interface MetricCurve {
  readonly number: number;
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface EvaluationSpacingNumbers {
  /** Median over the trials. */
  readonly evaluations: number | null;
  readonly spacingSteps: number | null;
  /** What the best step between evaluations could have gained, median over trials whose best is not at an end. */
  readonly possibleLoss: number | null;
  /** Of a single evaluation, from second differences of the curves: `noise` of a straight line is zero. */
  readonly noise: number | null;
}

export const EVALUATION_SPACING_VERDICTS = ['fine', 'too-sparse', 'too-few'] as const;
export type EvaluationSpacing = Check<(typeof EVALUATION_SPACING_VERDICTS)[number], EvaluationSpacingNumbers>;

export interface EvaluationSpacingOptions {
  readonly direction: Direction;
  readonly thresholds?: Partial<Record<keyof typeof EVALUATION_SPACING_THRESHOLDS, number>>;
}

/** @param curves of the best trials; `trials` of the check are those that could be judged. */
export function evaluationSpacing(
  curves: readonly MetricCurve[],
  { direction, thresholds }: EvaluationSpacingOptions,
): EvaluationSpacing {
  const limits = { ...EVALUATION_SPACING_THRESHOLDS, ...thresholds };
  const sign = direction === 'maximise' ? 1 : -1;
  const judged = curves.filter(({ values }) => values.filter((value) => value !== null).length >= 3);
  const gaps = judged.map(({ steps }) => ((steps.at(-1) as number) - (steps[0] as number)) / (steps.length - 1));
  const losses = judged.flatMap(({ values }) =>
    gainBetween(values.map((value) => (value === null ? null : sign * value))),
  );
  const noises = judged.flatMap(({ values }) => secondDifferenceNoise(values) ?? []);
  const numbers: EvaluationSpacingNumbers = {
    evaluations: judged.length === 0 ? null : median(judged.map(({ steps }) => steps.length)),
    spacingSteps: gaps.length === 0 ? null : median(gaps),
    possibleLoss: losses.length === 0 ? null : median(losses),
    noise: noises.length === 0 ? null : median(noises),
  };
  const { evaluations, spacingSteps, possibleLoss, noise } = numbers;
  const base = { numbers, trials: judged.map(({ number }) => number) };
  if (evaluations === null || spacingSteps === null) {
    const reason = 'no trial has three evaluations of the objective';
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const spacing = Math.round(spacingSteps);
  const isSharp =
    possibleLoss !== null && noise !== null && possibleLoss > limits.lossInNoise * noise && possibleLoss > 0;
  if (evaluations < limits.fewestEvaluations || isSharp) {
    const why = isSharp
      ? `the best between two of them could be ${showNumber(possibleLoss)} better, noise is ${showNumber(noise)}`
      : `${evaluations} of them cannot show where the best lies`;
    return {
      ...base,
      verdict: 'too-sparse',
      status: 'caution',
      reason: `evaluations every ${spacing} steps are too sparse (the best step is known to ±${Math.round(spacing / 2)}): ${why}`,
      next: { action: 'evaluate-more-often', text: `evaluate every ${Math.max(1, Math.floor(spacing / 2))} steps` },
    };
  }
  const reason = `${evaluations} evaluations, every ${spacing} steps, show the best step well enough`;
  return { ...base, verdict: 'fine', status: 'pass', reason, next: null };
}

/** How much the vertex of the parabola through the best evaluation and its neighbours exceeds it; none at an end. */
function gainBetween(values: readonly (number | null)[]): readonly number[] {
  let at = -1;
  values.forEach((value, i) => {
    if (value !== null && (at < 0 || value > (values[at] as number))) at = i;
  });
  const [before, best, after] = [values[at - 1], values[at], values[at + 1]];
  if (!isNumber(before) || !isNumber(best) || !isNumber(after)) return [];
  const curvature = before - 2 * best + after;
  return curvature === 0 ? [0] : [-((after - before) ** 2) / (8 * curvature)];
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}
