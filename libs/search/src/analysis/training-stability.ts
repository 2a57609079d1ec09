/**
 * Did a training stay stable? As the Playbook looks at it in its probes ("How can optimization failures be debugged and mitigated?",
 * practices 106-111): the training loss declines, then rises. The rise is measured against the decline before it:
 *
 *   rise = max over t of (loss(t) - m(t)) / (loss(0) - m(t)),   m(t) the least loss before t, at least a tenth of loss(0) below it
 *
 * A loss that is not finite is unstable whatever came before. This judges probes, whose cause is known; a study's curves are diagnosed
 * elsewhere.
 */
import type { MeasuredCurve } from './measured-curve.ts';

export const STABILITY_THRESHOLDS = {
  /** A rise above this part of the decline is unstable. */
  largestRise: 0.3,
  /** A decline below this part of the first loss is none that could be lost again. */
  leastDecline: 0.1,
} as const;

export interface TrainingStability {
  readonly isStable: boolean;
  /** 0 for a loss that never rises; null where the loss stopped being finite or was not measured. */
  readonly largestRise: number | null;
  /** The step at which it became unstable; null for a stable one. */
  readonly unstableStep: number | null;
}

/** Null for a trial without a training loss. A trial that diverged is unstable, whatever of its curve is known. */
export function trainingStability(
  trial: MeasuredCurve,
  { thresholds }: { readonly thresholds?: Partial<Record<keyof typeof STABILITY_THRESHOLDS, number>> } = {},
): TrainingStability | null {
  const limits = { ...STABILITY_THRESHOLDS, ...thresholds };
  const losses = trainLossesOf(trial);
  const last = trial.steps.at(-1) ?? 0;
  if (trial.state === 'INFEASIBLE') return { isStable: false, largestRise: null, unstableStep: last };
  const [first] = losses;
  if (first === undefined) return null;
  if (first.loss === null) return { isStable: false, largestRise: null, unstableStep: first.step };
  let least = first.loss;
  let largestRise = 0;
  let unstableStep: number | null = null;
  for (const { step, loss } of losses) {
    if (loss === null) return { isStable: false, largestRise: null, unstableStep: unstableStep ?? step };
    least = Math.min(least, loss);
    const decline = first.loss - least;
    const reference = Math.max(decline, limits.leastDecline * Math.abs(first.loss));
    const rise = reference === 0 ? 0 : (loss - least) / reference;
    largestRise = Math.max(largestRise, rise);
    if (rise > limits.largestRise) unstableStep ??= step;
  }
  return { isStable: unstableStep === null, largestRise, unstableStep };
}

/** The mean training loss of each part of an epoch where the detail was sent, else of each measurement; null where not finite. */
function trainLossesOf({
  steps,
  values,
  details,
}: MeasuredCurve): readonly { readonly step: number; readonly loss: number | null }[] {
  return steps.flatMap((step, i) => {
    const before = steps[i - 1] ?? 0;
    const parts = details?.[i]?.trainLoss ?? [];
    if (parts.length > 0)
      return parts.map(({ mean }, part) => ({
        step: Math.round(before + ((part + 1) / parts.length) * (step - before)),
        loss: mean,
      }));
    const loss = values['trainLoss']?.[i];
    return loss === undefined ? [] : [{ step, loss }];
  });
}
