import { InputError, type SplitSpec } from '@kinetune/study';
import { createSplit } from '../split/create-split.ts';
import type { Part } from '../split/split.ts';
import type { Windows } from '../windows/windows.ts';
import { BASELINES, runBaselines, type BaselineName, type BaselineScore } from './run-baselines.ts';
import { windowFeatures } from './window-features.ts';

export interface CrossValidated {
  readonly folds: readonly BaselineScore[];
  /** Over folds; the deviation is that of a sample (n - 1). Shares in 0 ... 1. */
  readonly meanAccuracy: number;
  readonly accuracyDeviation: number;
  readonly meanMacroF1: number;
  readonly macroF1Deviation: number;
}

/**
 * Both baselines on every fold of a split with folds; features are computed once.
 * @param options as for `runBaselines`.
 */
export function crossValidateBaselines(
  windows: Windows,
  spec: Extract<SplitSpec, { kind: 'group-k-fold' | 'leave-one-subject-out' }>,
  options: { readonly fitOn?: readonly Part[]; readonly scoreOn?: Part } = {},
): Readonly<Record<BaselineName, CrossValidated>> {
  const foldCount = spec.kind === 'group-k-fold' ? spec.folds : windows.subjects.length;
  if (foldCount < 2) throw new InputError('cross-validation', `expected at least 2 folds, got ${foldCount}`);
  const features = windowFeatures(windows);
  const all = Array.from({ length: foldCount }, (_, fold) =>
    runBaselines(windows, createSplit(windows, { ...spec, fold }), { ...options, features }),
  );
  const of = (name: BaselineName): CrossValidated => {
    const folds = all.map((scores) => scores[name]);
    const [meanAccuracy, accuracyDeviation] = meanAndDeviation(folds.map((fold) => fold.accuracy));
    const [meanMacroF1, macroF1Deviation] = meanAndDeviation(folds.map((fold) => fold.macroF1));
    return { folds, meanAccuracy, accuracyDeviation, meanMacroF1, macroF1Deviation };
  };
  const [majority, regression] = BASELINES;
  return { [majority]: of(majority), [regression]: of(regression) };
}

function meanAndDeviation(values: readonly number[]): readonly [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))];
}
