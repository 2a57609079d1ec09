/**
 * The seam to TensorFlow's own ops. Forward passes are made of tfjs-core functions, which run on any backend; what
 * tfjs-core lacks (MatMul with a fusable BiasAdd) or would compute wastefully (its gradients of Sum and Mean upload
 * arrays of ones from JavaScript) is asked of TensorFlow by name, through the one call that the engine can record.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dataTypes, executeOp, tensorFlowBackend, type OpAttribute } from '../engine/tensorflow-backend.ts';

/** A value of an op's attribute; one of type `type` in TensorFlow's op definition is written `{ dtype }`. */
export type AttributeValue = boolean | string | number | readonly number[] | { readonly dtype: 'float32' | 'int32' };

/** Whether the active backend runs TensorFlow's ops (tfjs-node); otherwise only inference is possible. */
export function hasTensorflow(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/**
 * Runs one TensorFlow op that has one output. Not on the tape: call it inside `withGradient`, or where no gradient is
 * wanted. Throws where the backend is not TensorFlow.
 */
export function tensorflowOp<T extends tf.Tensor = tf.Tensor>(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  inputs: readonly tf.Tensor[],
): T {
  const { binding } = tensorFlowBackend();
  const list = Object.entries(attributes).map(([key, value]): OpAttribute => {
    if (typeof value === 'boolean') return { name: key, type: binding.TF_ATTR_BOOL, value };
    if (typeof value === 'string') return { name: key, type: binding.TF_ATTR_STRING, value };
    if (typeof value === 'object' && 'dtype' in value) {
      return { name: key, type: binding.TF_ATTR_TYPE, value: dataTypes[value.dtype] };
    }
    return { name: key, type: binding.TF_ATTR_INT, value };
  });
  return executeOp(name, list, inputs) as T;
}

/**
 * A function with a hand-written gradient. `forward` computes the value and names the tensors that `backward` needs;
 * `backward` maps the gradient of the value to one gradient per input, in order. First order only.
 */
export function withGradient<T extends tf.Tensor, const I extends readonly tf.Tensor[]>(
  inputs: I,
  forward: () => { readonly value: T; readonly saved: readonly tf.Tensor[] },
  backward: (dy: T, saved: tf.Tensor[]) => { readonly [K in keyof I]: tf.Tensor },
): T {
  const run = tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: tf.Tensor[]) => void;
    const { value, saved } = forward();
    save([...saved]);
    return {
      value,
      gradFunc: (dy: T, kept: tf.Tensor[]) => tf.tidy(() => [...(backward(dy, kept) as unknown as tf.Tensor[])]),
    };
  });
  return run(...inputs) as T;
}

const FLOAT = { dtype: 'float32' } as const;

/** a b, with either side transposed on request. a [M, K], b [K, N] -> [M, N]. Not differentiable by itself. */
export function matMul(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): tf.Tensor2D {
  if (!hasTensorflow()) return tf.matMul(a, b, transposeA, transposeB);
  return tensorflowOp('MatMul', { T: FLOAT, transpose_a: transposeA, transpose_b: transposeB }, [a, b]);
}

/** x + bias along the last axis: the form that TensorFlow's remapper fuses into MatMul and Conv2D. Not differentiable by itself. */
export function biasAdd<T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T {
  if (!hasTensorflow()) return tf.add(x, bias);
  return tensorflowOp<T>('BiasAdd', { T: FLOAT, data_format: 'NHWC' }, [x, bias]);
}

/** The sum of all axes but the last: [..., N] -> [N]. The gradient of `biasAdd`. */
export function biasGradient(dy: tf.Tensor): tf.Tensor1D {
  return tensorflowOp('BiasAddGrad', { T: FLOAT, data_format: 'NHWC' }, [dy]);
}
