/**
 * Where to clip gradients, and whether too many are (Deep Learning Tuning Playbook, "How can optimization failures be debugged and
 * mitigated?", gradient clipping; practices 108 and 112): the threshold is the 90th percentile of the gradient's norm; more than half of
 * all steps clipped is a lower learning rate by another name.
 *
 * Stored are minimum, mean and maximum of the norm over up to 16 parts of an epoch, not every step. Each part is taken as a triangle
 * between its minimum and maximum whose mean is the measured one as far as a triangle can have it; the percentile is that of the mixture.
 */
import type { Spread } from '@kinetune/study';
import type { Check } from './check.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import { mean } from './statistics/moments.ts';
import { showList, showNumber, showShare } from './wording.ts';

export const CLIPPING_THRESHOLDS = {
  /** The quantile of the gradient's norm that is proposed as threshold. */
  quantile: 0.9,
  /** A larger share of clipped steps is extremely aggressive. */
  clippedShare: 0.5,
  fewestParts: 20,
} as const;

export interface ClippingNumbers {
  /** The proposed `clipNorm`; null where the norm was not measured often enough. */
  readonly proposedClipNorm: number | null;
  /** Mean share of clipped steps, by trial. */
  readonly clippedShares: readonly { readonly trial: number; readonly share: number }[];
  readonly parts: number;
  /** Quantiles 0.5, 0.9 and 0.99 of the norm. */
  readonly norms: readonly [number, number, number] | null;
}

export const CLIPPING_VERDICTS = ['not-clipped', 'fine', 'too-aggressive', 'not-known'] as const;
export type GradientClipping = Check<(typeof CLIPPING_VERDICTS)[number], ClippingNumbers>;

export interface ClippingOptions {
  readonly thresholds?: Partial<Record<keyof typeof CLIPPING_THRESHOLDS, number>>;
}

/** `trials` of the check are those clipped too often, else those whose norms were read. */
export function gradientClipping(
  measured: readonly MeasuredCurve[],
  { thresholds }: ClippingOptions = {},
): GradientClipping {
  const limits = { ...CLIPPING_THRESHOLDS, ...thresholds };
  const detailed = measured.filter(({ details }) => details?.some((detail) => detail !== null) === true);
  const parts = detailed.flatMap(({ details = [] }) => details.flatMap((detail) => detail?.gradientNorm ?? []));
  const spreads = parts.flatMap(wholeSpread);
  const clippedShares = detailed.map(({ number, details = [] }) => ({
    trial: number,
    share: mean(details.flatMap((detail) => (detail === null ? [] : [detail.clippedShare]))),
  }));
  const isEnough = spreads.length >= limits.fewestParts;
  const numbers: ClippingNumbers = {
    proposedClipNorm: isEnough ? mixtureQuantile(spreads, limits.quantile) : null,
    clippedShares,
    parts: spreads.length,
    norms: isEnough
      ? [mixtureQuantile(spreads, 0.5), mixtureQuantile(spreads, 0.9), mixtureQuantile(spreads, 0.99)]
      : null,
  };
  const behind = detailed.map(({ number }) => number);
  if (numbers.proposedClipNorm === null) {
    const reason = `gradient norms of ${spreads.length} parts of epochs are known: at least ${limits.fewestParts} are needed`;
    return { verdict: 'not-known', status: 'not-known', reason, numbers, trials: behind, next: null };
  }
  const proposed = showNumber(numbers.proposedClipNorm);
  const often = clippedShares.filter(({ share }) => share > limits.clippedShare);
  if (often.length > 0) {
    const most = often.reduce((worst, one) => (one.share > worst.share ? one : worst));
    return {
      verdict: 'too-aggressive',
      status: 'caution',
      reason: `${often.length} of ${detailed.length} trials have more than ${showShare(limits.clippedShare)} of their steps clipped, trial ${most.trial} ${showShare(most.share)}: a lower learning rate by another name`,
      numbers,
      trials: often.map(({ trial }) => trial),
      next: {
        action: 'lower-learning-rate',
        text: `lower the learning rate in place of clipping so hard, or clip at ${proposed}, the ${showShare(limits.quantile)} quantile of the norm`,
      },
    };
  }
  const clipped = clippedShares.filter(({ share }) => share > 0);
  const norms = `the ${showShare(limits.quantile)} quantile of the gradient's norm is ${proposed}`;
  if (clipped.length === 0) {
    const reason = `no gradient was clipped; ${norms}, the threshold to try should training be unstable`;
    return { verdict: 'not-clipped', status: 'pass', reason, numbers, trials: behind, next: null };
  }
  const shares = showList([
    showShare(Math.min(...clipped.map(({ share }) => share))),
    showShare(Math.max(...clipped.map(({ share }) => share))),
  ]);
  const reason = `between ${shares} of steps were clipped in ${clipped.length} trials; ${norms}`;
  return { verdict: 'fine', status: 'pass', reason, numbers, trials: behind, next: null };
}

interface WholeSpread {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

function wholeSpread({ minimum, mean: middle, maximum }: Spread): readonly WholeSpread[] {
  return minimum === null || middle === null || maximum === null ? [] : [{ minimum, mean: middle, maximum }];
}

/** The norm that a share `probability` of steps stays below, each part counting equally. */
function mixtureQuantile(spreads: readonly WholeSpread[], probability: number): number {
  let low = Math.min(...spreads.map(({ minimum }) => minimum));
  let high = Math.max(...spreads.map(({ maximum }) => maximum));
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (mean(spreads.map((spread) => triangleCdf(spread, middle))) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Mode at 3 mean - minimum - maximum, which gives the triangle the mean, kept within its ends. */
function triangleCdf({ minimum, mean: middle, maximum }: WholeSpread, x: number): number {
  if (x <= minimum && maximum > minimum) return 0;
  if (x >= maximum) return 1;
  const mode = Math.min(Math.max(3 * middle - minimum - maximum, minimum), maximum);
  return x <= mode
    ? (x - minimum) ** 2 / ((maximum - minimum) * (mode - minimum))
    : 1 - (maximum - x) ** 2 / ((maximum - minimum) * (maximum - mode));
}
