/**
 * Optimizers with PyTorch's updates (torch.optim 2.x), each defined twice: `update`, in tfjs ops, is the definition and
 * the eager reference; `emit`, where TensorFlow has one fused kernel for the same arithmetic, is how the graph does it.
 * Scalars that depend on the step are computed in float64 outside and read by the step from a table.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@kinetune/study';
import type { Edge, GraphBuilder } from '../graph-builder.ts';
import { adam } from './adam.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

export const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'rmsprop'] as const;

/** Defaults are PyTorch's. `weightDecay` is an L2 term in the gradient, except for adamw, where it is decoupled. */
export type OptimizerSpec = AdamSpec | SgdSpec | RmspropSpec;

export interface AdamSpec {
  readonly type: 'adam' | 'adamw';
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0, for adamw 0.01. */
  readonly weightDecay?: number;
}

export interface SgdSpec {
  readonly type: 'sgd';
  /** Default 0. */
  readonly momentum?: number;
  /** Default false; needs momentum. */
  readonly nesterov?: boolean;
  /** Default 0. */
  readonly weightDecay?: number;
}

export interface RmspropSpec {
  readonly type: 'rmsprop';
  /** Smoothing of the mean square; default 0.99. */
  readonly alpha?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Whether the mean square is taken about the mean. Default false. */
  readonly centered?: boolean;
  /** Default 0. */
  readonly weightDecay?: number;
}

export interface OptimizerRule {
  /** One tensor of the weight's shape each, all starting at 0. */
  readonly slots: readonly string[];
  /** Names of what `scalarsAt` returns. */
  readonly scalars: readonly string[];
  /** `step` counts from 1. */
  scalarsAt(step: number, learningRate: number): readonly number[];
  update(now: WeightState, scalars: Readonly<Record<string, tf.Tensor>>): Omit<WeightState, 'gradient' | 'decays'>;
  emit?(graph: GraphBuilder, target: UpdateTarget): Edge;
}

export interface WeightState {
  readonly weight: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly slots: Readonly<Record<string, tf.Tensor>>;
  readonly decays: boolean;
}

/** One weight's update in the graph. */
export interface UpdateTarget {
  /** Resource handles. */
  readonly variable: Edge;
  readonly slots: Readonly<Record<string, Edge>>;
  /** The weight's value as the forward pass read it. */
  readonly value: Edge;
  readonly gradient: Edge;
  readonly scalars: Readonly<Record<string, Edge>>;
  readonly decays: boolean;
  /** What must have run before the variable may change: whatever reads it. */
  readonly after: readonly string[];
}

/** Throws an `InputError` naming the hyperparameter for a value the optimizer cannot use. */
export function createOptimizer(spec: OptimizerSpec): OptimizerRule {
  switch (spec.type) {
    case 'adam':
    case 'adamw':
      return adam(spec);
    case 'sgd':
      return sgd(spec);
    case 'rmsprop':
      return rmsprop(spec);
    default:
      throw new InputError(
        'optimizer',
        `Unknown optimizer '${String((spec as { type: unknown }).type)}'; expected one of ${OPTIMIZERS.join(', ')}`,
      );
  }
}
