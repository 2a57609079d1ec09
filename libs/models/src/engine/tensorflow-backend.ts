/**
 * What the engine uses of tfjs-node besides tfjs-core's own interface: its backend and the native binding underneath.
 * Both are public in tfjs-node's compiled code, though not exported as types.
 */
import * as tf from '@tensorflow/tfjs-core';
import { EnvironmentError } from '@kinetune/study';

/** TensorFlow's `DataType` numbers, as in `types.proto`. */
export const dataTypes = { float32: 1, int32: 3, int64: 9, bool: 10, resource: 20, uint64: 23 } as const;

export type TypedValues = Float32Array | Int32Array | Uint8Array;

/** An attribute of an op as the binding takes it; `type` is one of the binding's `TF_ATTR_...` numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | object | readonly number[];
}

/** A tensor on TensorFlow's side: `id` names it until `deleteTensor(id)`. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

export interface TensorFlowBinding {
  createTensor(shape: readonly number[], dtype: number, values: TypedValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedValues;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): TensorHandle[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are comma-separated `node:output`. */
  runSavedModel(id: number, inputIds: readonly number[], inputNames: string, outputNames: string): TensorHandle[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

export interface TensorFlowBackend extends tf.KernelBackend {
  binding: TensorFlowBinding;
  readonly isUsingGpuDevice: boolean;
  /** Uploads values that are still in JS, so that every tensor has an id. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(handle: TensorHandle): tf.Tensor;
}

/** The active backend; throws where TensorFlow is not loaded or another backend was chosen. */
export function tensorFlowBackend(): TensorFlowBackend {
  const name = tf.getBackend();
  if (name !== 'tensorflow') {
    throw new EnvironmentError(
      'tensorflow-not-loaded',
      `The engine needs TensorFlow's native backend; the active tfjs backend is ${name === '' || name === undefined ? 'none' : `'${name}'`}. ` +
        'Call loadTensorFlow() from @kinetune/models before using the engine.',
    );
  }
  return tf.backend() as TensorFlowBackend;
}

/** Runs one TensorFlow op that has no tfjs function, without a gradient. Inputs may be any tensors. */
export function executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]): tf.Tensor {
  return executeOps(name, attributes, inputs, 1)[0] as tf.Tensor;
}

/** As `executeOp`, for an op with several outputs. */
export function executeOps(
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly tf.Tensor[],
  outputCount: number,
): tf.Tensor[] {
  const backend = tensorFlowBackend();
  const handles = backend.binding.executeOp(name, attributes, backend.getInputTensorIds(inputs), outputCount);
  return handles.map((handle) => backend.createOutputTensor(handle));
}

/** The attribute `name` = a data type, e.g. `T`. */
export function typeAttribute(name: string, dtype: keyof typeof dataTypes): OpAttribute {
  return { name, type: tensorFlowBackend().binding.TF_ATTR_TYPE, value: dataTypes[dtype] };
}

export function intAttribute(name: string, value: number | readonly number[]): OpAttribute {
  return { name, type: tensorFlowBackend().binding.TF_ATTR_INT, value };
}
