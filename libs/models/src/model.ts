/**
 * What a model is to the engine: a list of weights and a forward pass written in tfjs ops.
 * Axis letters: B batch, T time, C channels, K classes.
 */
import type * as tf from '@tensorflow/tfjs-core';

/** How a weight starts, in PyTorch's terms, so that the distributions are those of the original study. */
export type Initialiser =
  | { readonly type: 'zeros' }
  | { readonly type: 'ones' }
  | { readonly type: 'normal'; readonly mean: number; readonly standardDeviation: number }
  | { readonly type: 'uniform'; readonly minimum: number; readonly maximum: number };

/** A trainable tensor. */
export interface WeightSpec {
  /** Dotted path, unique in the model, e.g. `blocks.0.attention.qkv`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialiser: Initialiser;
  /**
   * Whether weight decay applies: true for matrices, kernels and embeddings, false for biases and norms, as in nanoGPT's
   * parameter groups. PyTorch's optimizers decay whatever they are given.
   */
  readonly decays: boolean;
}

/** What a forward pass may use besides its input and weights. */
export interface ForwardContext {
  readonly isTraining: boolean;
  /**
   * Inverted dropout by TensorFlow's stateless random ops, keyed by the step's fed seed and the call's place in the
   * forward pass; the identity when not training or `rate` is 0. Same result in a recorded graph and in eager mode.
   */
  dropout<T extends tf.Tensor>(x: T, rate: number): T;
}

/**
 * Draws of an augmentation, by TensorFlow's stateless random ops keyed by the step's fed seed and the draw's place:
 * the same in a recorded graph and in eager mode, new at every step.
 */
export interface RandomSource {
  /** Uniform in [0, 1), float32. */
  uniform(shape: readonly number[]): tf.Tensor;
  /** Standard normal, float32. */
  normal(shape: readonly number[]): tf.Tensor;
}

/**
 * Changes training windows [B, T, C] before the forward pass, inside the step. No gradient flows through it, so it may
 * use any tfjs op that runs without reading a value back (no `dataSync`, no JS branch on data).
 */
export type Augmentation = (windows: tf.Tensor3D, random: RandomSource) => tf.Tensor3D;

/** Reads a weight by name; throws for a name the model did not declare. */
export type WeightLookup = (name: string) => tf.Tensor;

/** A classifier of windows. */
export interface Model {
  readonly family: string;
  /** [T, C] of one window. */
  readonly inputShape: readonly [number, number];
  readonly classCount: number;
  readonly weights: readonly WeightSpec[];
  /** Logits [B, K] of windows [B, T, C]. Must use ops whose gradients the engine can record (see `ops/`). */
  forward(input: tf.Tensor3D, weights: WeightLookup, context: ForwardContext): tf.Tensor2D;
}
