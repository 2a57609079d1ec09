/**
 * Multinomial logistic regression with an L2 penalty, parametrised as scikit-learn's LogisticRegression:
 *
 *   minimise over W [K, F], b [K]:   C Σ_i -log softmax(W x_i + b)[y_i]  +  ½ ‖W‖²
 *
 * The intercepts b are not penalised. With two classes scikit-learn fits one vector v = w1 - w0 under ½‖v‖²; in two
 * symmetric vectors that is twice the penalty, which is applied here. Classes without an example are not fitted and
 * never predicted. Solved by L-BFGS on the objective divided by C·N, so that the tolerance is on the mean.
 * Axis letters: N examples, F features, K classes that occur.
 */
import { InputError } from '@kinetune/study';
import { minimise } from './minimise.ts';

export interface LogisticRegression {
  readonly featureCount: number;
  readonly classCount: number;
  /** Labels that occur in training, ascending; rows of `weights` and `intercepts` are in this order. */
  readonly classes: readonly number[];
  /** Row-major [K, F]. */
  readonly weights: Float64Array;
  /** [K]. */
  readonly intercepts: Float64Array;
  readonly iterations: number;
  readonly hasConverged: boolean;
}

export interface LogisticRegressionOptions {
  readonly classCount: number;
  /** C: larger is less penalty. */
  readonly inverseRegularisation: number;
  /** Largest entry of the gradient of the mean loss at which fitting stops. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

/**
 * Fits on x, row-major [N, F], and labels [N]; features should be standardised.
 * @throws InputError for shapes that do not fit, labels out of range, or features that are not finite.
 */
export function fitLogisticRegression(
  x: Float64Array,
  labels: Int32Array,
  options: LogisticRegressionOptions,
): LogisticRegression {
  const { classCount, inverseRegularisation, tolerance = 1e-5, maxIterations = 500 } = options;
  const count = labels.length;
  const featureCount = x.length / count;
  if (count === 0 || !Number.isInteger(featureCount)) {
    throw new InputError('regression-shape', `expected [N, F] features for ${count} labels, got ${x.length} numbers`);
  }
  const wrongLabel = labels.find((label) => label < 0 || label >= classCount);
  if (wrongLabel !== undefined) {
    throw new InputError('regression-label', `expected labels 0 to ${classCount - 1}, got ${wrongLabel}`);
  }
  if (!x.every((value) => Number.isFinite(value))) {
    throw new InputError('regression-not-finite', 'expected finite features; a window holds a number that is not');
  }
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const k = classes.length;
  const fitted = { featureCount, classCount, classes };
  if (k === 1) {
    const none = { weights: new Float64Array(featureCount), intercepts: new Float64Array(1) };
    return { ...fitted, ...none, iterations: 0, hasConverged: true };
  }
  const rowOf = Int32Array.from(labels, (label) => classes.indexOf(label));
  const penalty = (k === 2 ? 2 : 1) / (inverseRegularisation * count);
  const logits = new Float64Array(count * k);
  const split = k * featureCount;

  // Weights [K, F], then intercepts [K], in one vector.
  const objective = (vector: Float64Array, gradient: Float64Array): number => {
    multiply(x, vector, { count, featureCount, k, into: logits });
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < count; i++) {
      const at = i * k;
      const label = rowOf[i] as number;
      loss -= logSoftmaxInPlace(logits, at, { k, label });
      for (let j = 0; j < k; j++) {
        const residual = ((logits[at + j] as number) - (j === label ? 1 : 0)) / count;
        logits[at + j] = residual;
        gradient[split + j] = (gradient[split + j] as number) + residual;
      }
    }
    multiplyTransposed(logits, x, { count, featureCount, k, into: gradient });
    let squares = 0;
    for (let i = 0; i < split; i++) {
      const weight = vector[i] as number;
      squares += weight * weight;
      gradient[i] = (gradient[i] as number) + penalty * weight;
    }
    return loss / count + 0.5 * penalty * squares;
  };
  const start = new Float64Array(split + k);
  const { x: best, iterations, hasConverged } = minimise(objective, start, { tolerance, maxIterations });
  return { ...fitted, weights: best.slice(0, split), intercepts: best.slice(split), iterations, hasConverged };
}

/** Probabilities, row-major [N, classCount], of examples x [N, F]; 0 for classes that training did not have. */
export function predictProbabilities(model: LogisticRegression, x: Float64Array): Float64Array {
  const { featureCount, classCount, classes } = model;
  const count = x.length / featureCount;
  if (!Number.isInteger(count)) {
    throw new InputError('regression-shape', `expected rows of ${featureCount} features, got ${x.length} numbers`);
  }
  const k = classes.length;
  const logits = new Float64Array(count * k);
  const vector = new Float64Array(k * (featureCount + 1));
  vector.set(model.weights);
  vector.set(model.intercepts, k * featureCount);
  multiply(x, vector, { count, featureCount, k, into: logits });
  const probabilities = new Float64Array(count * classCount);
  for (let i = 0; i < count; i++) {
    logSoftmaxInPlace(logits, i * k, { k, label: 0 });
    classes.forEach((label, j) => (probabilities[i * classCount + label] = logits[i * k + j] as number));
  }
  return probabilities;
}

/** The most probable label of each row [N] of probabilities [N, K]; the first of equals. */
export function mostProbable(probabilities: Float64Array, classCount: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classCount }, (_, i) => {
    let best = 0;
    for (let k = 1; k < classCount; k++) {
      if ((probabilities[i * classCount + k] as number) > (probabilities[i * classCount + best] as number)) best = k;
    }
    return best;
  });
}

/** Turns the logits [at, at+k) into probabilities and returns the logarithm of that of `label`. */
function logSoftmaxInPlace(
  logits: Float64Array,
  at: number,
  { k, label }: { readonly k: number; readonly label: number },
): number {
  let largest = -Infinity;
  for (let j = 0; j < k; j++) largest = Math.max(largest, logits[at + j] as number);
  let sum = 0;
  for (let j = 0; j < k; j++) sum += Math.exp((logits[at + j] as number) - largest);
  const logSum = Math.log(sum) + largest;
  const result = (logits[at + label] as number) - logSum;
  for (let j = 0; j < k; j++) logits[at + j] = Math.exp((logits[at + j] as number) - logSum);
  return result;
}

interface Sizes {
  readonly count: number;
  readonly featureCount: number;
  readonly k: number;
  readonly into: Float64Array;
}

/**
 * into[i, j] = x[i, :] · weights[j, :] + intercepts[j]. Four classes at a time: one load of x serves four sums, which
 * do not wait for each other (3 times as fast as one at a time).
 */
function multiply(x: Float64Array, vector: Float64Array, { count, featureCount: f, k, into }: Sizes): void {
  const split = k * f;
  for (let i = 0; i < count; i++) {
    const row = i * f;
    for (let j = 0; j < k; j += 4) {
      // Past the last class the last is repeated, and its sum not used.
      const a = j * f;
      const b = Math.min(j + 1, k - 1) * f;
      const c = Math.min(j + 2, k - 1) * f;
      const d = Math.min(j + 3, k - 1) * f;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let sumD = 0;
      for (let t = 0; t < f; t++) {
        const value = x[row + t] as number;
        sumA += value * (vector[a + t] as number);
        sumB += value * (vector[b + t] as number);
        sumC += value * (vector[c + t] as number);
        sumD += value * (vector[d + t] as number);
      }
      const at = i * k + j;
      into[at] = sumA + (vector[split + j] as number);
      if (j + 1 < k) into[at + 1] = sumB + (vector[split + j + 1] as number);
      if (j + 2 < k) into[at + 2] = sumC + (vector[split + j + 2] as number);
      if (j + 3 < k) into[at + 3] = sumD + (vector[split + j + 3] as number);
    }
  }
}

/** into[j, :] += Σ_i residuals[i, j] x[i, :]. Four examples at a time: one load and store of `into` serves four. */
function multiplyTransposed(
  residuals: Float64Array,
  x: Float64Array,
  { count, featureCount: f, k, into }: Sizes,
): void {
  for (let i = 0; i < count; i += 4) {
    const n = Math.min(4, count - i);
    const a = i * f;
    const b = (i + Math.min(1, n - 1)) * f;
    const c = (i + Math.min(2, n - 1)) * f;
    const d = (i + Math.min(3, n - 1)) * f;
    for (let j = 0; j < k; j++) {
      const rA = residuals[i * k + j] as number;
      const rB = n > 1 ? (residuals[(i + 1) * k + j] as number) : 0;
      const rC = n > 2 ? (residuals[(i + 2) * k + j] as number) : 0;
      const rD = n > 3 ? (residuals[(i + 3) * k + j] as number) : 0;
      const at = j * f;
      for (let t = 0; t < f; t++) {
        into[at + t] =
          (into[at + t] as number) +
          rA * (x[a + t] as number) +
          rB * (x[b + t] as number) +
          rC * (x[c + t] as number) +
          rD * (x[d + t] as number);
      }
    }
  }
}
