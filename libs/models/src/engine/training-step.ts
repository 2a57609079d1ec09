/**
 * One training step up to the gradients, as tfjs ops: recorded once for the graph, run as it is by the eager reference.
 * Axis letters: B rows of the batch, K classes; the leading axis of inputs and targets is B.
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@kinetune/study';
import type { Augmentation, ForwardContext, WeightLookup, WeightSpec } from '../model.ts';
import type { RowLosses } from './cross-entropy.ts';
import { evaluationContext, trainingContext } from './step-context.ts';
import { executeOp, typeAttribute } from './tensorflow-backend.ts';

/** What can be trained: `Model` and anything shaped like it. */
export interface Trainable {
  /** Shape of one row of the input. */
  readonly inputShape: readonly number[];
  readonly weights: readonly WeightSpec[];
  forward(input: tf.Tensor, weights: WeightLookup, context: ForwardContext): tf.Tensor;
}

/** Per-row losses from the model's outputs and the targets; see `RowLosses`. */
export type LossFunction = (outputs: tf.Tensor, targets: tf.Tensor) => RowLosses;

export interface StepDefinition {
  readonly model: Trainable;
  readonly loss: LossFunction;
  readonly augment?: Augmentation | undefined;
  /** Bound of the gradient's global L2 norm; none when undefined. */
  readonly clipNorm?: number | undefined;
}

export interface StepInputs {
  readonly inputs: tf.Tensor;
  readonly targets: tf.Tensor;
  /** int32 scalar. */
  readonly stepSeed: tf.Tensor;
}

/** Scalars, and one gradient per weight, clipped if asked. The step's loss is lossSum / weightSum. */
export interface StepOutputs {
  readonly lossSum: tf.Tensor;
  readonly weightSum: tf.Tensor;
  /** Rows whose largest output is the target's; 0 where targets are not classes. */
  readonly correctCount: tf.Tensor;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: tf.Tensor;
  /** In the order of the model's weights. */
  readonly gradients: readonly tf.Tensor[];
}

/** The caller disposes of the outputs, by `tf.tidy` or one by one. */
export function computeStep(
  { model, loss, augment, clipNorm }: StepDefinition,
  weights: ReadonlyMap<string, tf.Variable>,
  { inputs, targets, stepSeed }: StepInputs,
): StepOutputs {
  return tf.tidy(() => {
    const context = trainingContext(stepSeed);
    const augmented = augment === undefined ? inputs : augment(inputs as tf.Tensor3D, context.random);
    // What the loss was made of outlives the tape's own scope by being kept, and must go whatever happens.
    const kept: tf.Tensor[] = [];
    try {
      const { grads } = variableGradients(() => {
        const outputs = model.forward(augmented, lookupIn(weights), context.forward);
        const { losses, weights: rowWeights } = loss(outputs, targets);
        const lossSum = tf.sum(losses);
        const weightSum = rowWeights === undefined ? tf.scalar(losses.size) : tf.sum(rowWeights);
        kept.push(tf.keep(outputs), tf.keep(lossSum), tf.keep(weightSum));
        return tf.div(lossSum, weightSum) as tf.Scalar;
      }, [...weights.values()]);
      const gradients = [...weights].map(([name, variable]) => {
        const gradient = grads[variable.name];
        if (gradient !== undefined) return gradient;
        throw new InputError(
          'unused-weight',
          `The loss does not depend on the weight '${name}'; use it in forward or do not declare it`,
        );
      });
      const [outputs, lossSum, weightSum] = kept as [tf.Tensor, tf.Tensor, tf.Tensor];
      const gradientNorm = globalNorm(gradients);
      return {
        lossSum: tf.clone(lossSum),
        weightSum: tf.clone(weightSum),
        correctCount: countCorrect(outputs, targets),
        gradientNorm,
        gradients: clipNorm === undefined ? gradients : clipped(gradients, gradientNorm, clipNorm),
      };
    } finally {
      tf.dispose(kept);
    }
  });
}

/** `tf.variableGrads`, which leaves the tensors that its tape saved behind when the function throws. */
function variableGradients(run: () => tf.Scalar, variables: tf.Variable[]): { readonly grads: tf.NamedTensorMap } {
  try {
    return tf.variableGrads(run, variables);
  } catch (error) {
    for (const { saved } of tf.engine().state.activeTape ?? []) tf.dispose(saved ?? []);
    throw error;
  }
}

/** Outputs and per-row losses without dropout or augmentation. */
export function computeEvaluation(
  { model, loss }: StepDefinition,
  weights: ReadonlyMap<string, tf.Tensor>,
  { inputs, targets }: Omit<StepInputs, 'stepSeed'>,
): { readonly outputs: tf.Tensor; readonly losses: tf.Tensor; readonly rowWeights: tf.Tensor | undefined } {
  const outputs = model.forward(inputs, lookupIn(weights), evaluationContext);
  const { losses, weights: rowWeights } = loss(outputs, targets);
  return { outputs, losses, rowWeights };
}

/** Whether rows can be counted as right or wrong: one output per class and one class per row. */
function isClassification(outputs: tf.Tensor, targets: tf.Tensor): boolean {
  return outputs.rank === 2 && targets.rank === 1 && targets.dtype === 'int32';
}

function lookupIn(weights: ReadonlyMap<string, tf.Tensor>): WeightLookup {
  return (name) => {
    const weight = weights.get(name);
    if (weight === undefined) {
      throw new InputError(
        'unknown-weight',
        `The model read the weight '${name}', which it does not declare; it declares ${[...weights.keys()].join(', ')}`,
      );
    }
    return weight;
  };
}

function countCorrect(outputs: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  if (!isClassification(outputs, targets)) return tf.scalar(0);
  return tf.sum(tf.cast(tf.equal(tf.argMax(outputs, 1), targets), 'float32'));
}

function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  // L2Loss is half the sum of squares, in one pass over the tensor.
  const halves = gradients.map((gradient) => executeOp('L2Loss', [typeAttribute('T', 'float32')], [gradient]));
  return tf.sqrt(tf.mul(tf.addN(halves), 2));
}

/** torch.nn.utils.clip_grad_norm_: every gradient times min(1, bound / (norm + 1e-6)). */
function clipped(gradients: readonly tf.Tensor[], norm: tf.Tensor, bound: number): tf.Tensor[] {
  const factor = tf.minimum(tf.div(bound, tf.add(norm, 1e-6)), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}
