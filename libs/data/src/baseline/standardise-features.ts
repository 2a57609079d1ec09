import type { FeatureMatrix } from './window-features.ts';

/**
 * Rows of a feature matrix, standardised by mean and population standard deviation of the `fitted` rows alone; a
 * feature that is constant there is only centred (scikit-learn's StandardScaler).
 * @returns train [fitted, F] and other [scored, F], row-major.
 */
export function standardiseFeatures(
  { values, names }: FeatureMatrix,
  fitted: Int32Array,
  scored: Int32Array,
): { readonly train: Float64Array; readonly other: Float64Array } {
  const featureCount = names.length;
  const mean = new Float64Array(featureCount);
  const variance = new Float64Array(featureCount);
  for (const w of fitted) {
    for (let f = 0; f < featureCount; f++) {
      mean[f] = (mean[f] as number) + (values[w * featureCount + f] as number) / fitted.length;
    }
  }
  for (const w of fitted) {
    for (let f = 0; f < featureCount; f++) {
      const difference = (values[w * featureCount + f] as number) - (mean[f] as number);
      variance[f] = (variance[f] as number) + (difference * difference) / fitted.length;
    }
  }
  const inverse = variance.map((value, f) => {
    const rounding = (1e-12 * (mean[f] as number)) ** 2;
    return value <= rounding ? 1 : 1 / Math.sqrt(value);
  });
  const rows = (indices: Int32Array): Float64Array => {
    const result = new Float64Array(indices.length * featureCount);
    indices.forEach((w, i) => {
      for (let f = 0; f < featureCount; f++) {
        result[i * featureCount + f] =
          ((values[w * featureCount + f] as number) - (mean[f] as number)) * (inverse[f] as number);
      }
    });
    return result;
  };
  return { train: rows(fitted), other: rows(scored) };
}
