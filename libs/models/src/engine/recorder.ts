/**
 * Records what tfjs executes. tfjs-node sends every op through `binding.executeOp` and every JS-made tensor through
 * `binding.createTensor`; for the length of one call the binding is replaced by an object that delegates to it and
 * takes notes. The ops really run, on the real shapes, so whatever the function does in eager mode is what is recorded.
 */
import { invariant } from '@kinetune/study';
import type {
  OpAttribute,
  TensorFlowBackend,
  TensorFlowBinding,
  TensorHandle,
  TypedValues,
} from './tensorflow-backend.ts';

export interface RecordedOp {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  /** Tensor ids. */
  readonly inputs: readonly number[];
  readonly outputs: readonly TensorHandle[];
}

export interface RecordedConstant {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: TypedValues;
}

/** Ops in the order of execution; constants are tensors made in JS while recording, or before it and used in it. */
export interface Recording {
  readonly ops: readonly RecordedOp[];
  readonly constants: ReadonlyMap<number, RecordedConstant>;
}

/** Ops that draw anew at each execution without a seed given as a tensor: no step could be repeated. */
const unseededOps = /^(Random|Multinomial|ParameterizedTruncatedNormal|TruncatedNormal)/;

/**
 * Runs `run` and returns its result with the ops executed meanwhile. `inputIds` are the tensors that a graph feeds:
 * everything computed from them must stay a tensor, so reading such a value back into JS throws.
 */
export function record<T>(
  backend: TensorFlowBackend,
  inputIds: readonly number[],
  run: () => T,
): { readonly result: T; readonly recording: Recording } {
  const native = backend.binding;
  const ops: RecordedOp[] = [];
  const constants = new Map<number, RecordedConstant>();
  const known = new Set<number>(inputIds);
  const fed = new Set<number>(inputIds);

  const captureOutside = (id: number): void => {
    // A tensor made before recording started, e.g. a table the model keeps. `Identity` tells its shape and type.
    const [copy] = native.executeOp('Identity', [], [id], 1);
    invariant(copy !== undefined, 'Identity has one output');
    constants.set(id, { shape: copy.shape, dtype: copy.dtype, values: native.tensorDataSync(copy.id) });
    native.deleteTensor(copy.id);
    known.add(id);
  };

  const recorder: TensorFlowBinding = delegate(native, {
    createTensor(shape, dtype, values) {
      const id = native.createTensor(shape, dtype, values);
      constants.set(id, { shape: [...shape], dtype, values: values.slice() });
      known.add(id);
      return id;
    },
    executeOp(name, attributes, inputs, outputCount) {
      if (unseededOps.test(name)) {
        throw new Error(
          `The op ${name} draws without a seed and cannot be part of a training step. Use the context's dropout or random source.`,
        );
      }
      for (const id of inputs) if (!known.has(id)) captureOutside(id);
      const outputs = native.executeOp(name, attributes, inputs, outputCount);
      ops.push({ name, attributes: [...attributes], inputs: [...inputs], outputs });
      const isFed = inputs.some((id) => fed.has(id));
      for (const { id } of outputs) {
        known.add(id);
        if (isFed) fed.add(id);
      }
      return outputs;
    },
    tensorDataSync(id) {
      if (fed.has(id)) {
        throw new Error(
          'A training step read the value of a tensor that changes from step to step (dataSync, arraySync or an op that checks ' +
            'its indices, such as tf.gather). Its first value would be frozen into the graph; compute with tensors instead.',
        );
      }
      return native.tensorDataSync(id);
    },
  });

  backend.binding = recorder;
  try {
    return { result: run(), recording: { ops, constants } };
  } finally {
    backend.binding = native;
  }
}

/** The native object's properties are read-only and its functions want it as `this`, so each is defined anew. */
function delegate(native: TensorFlowBinding, overrides: Partial<TensorFlowBinding>): TensorFlowBinding {
  const delegated = {};
  for (const name of Object.getOwnPropertyNames(native)) {
    const own = (native as unknown as Record<string, unknown>)[name];
    const value =
      (overrides as Record<string, unknown>)[name] ??
      (typeof own === 'function' ? (own as (...args: unknown[]) => unknown).bind(native) : own);
    Object.defineProperty(delegated, name, { value, enumerable: true });
  }
  return delegated as TensorFlowBinding;
}
