/** Records a function of tensors and turns its ops into graph nodes. */
import type * as tf from '@tensorflow/tfjs-core';
import { invariant } from '@kinetune/study';
import type { AttributeValue, Edge, GraphBuilder } from './graph-builder.ts';
import opSignatures from './op-signatures.json' with { type: 'json' };
import { record, type RecordedOp, type Recording } from './recorder.ts';
import { dataTypes, tensorFlowBackend, type OpAttribute, type TensorFlowBinding } from './tensorflow-backend.ts';

const signatures: Readonly<Record<string, { readonly types: Readonly<Record<string, number>> } | undefined>> =
  opSignatures as never;

/** A function of tensors, as part of a graph. */
export interface EmittedFunction {
  /** In the order of the tensors that the function returned. */
  readonly outputs: readonly Edge[];
  /** Nodes that read the edge of each input, for ordering an update of a variable after its reads. */
  readonly readers: readonly (readonly string[])[];
}

/**
 * Records `run` on `inputs` and adds its ops to the graph, reading `edges` in their place. `run` returns the tensors
 * wanted; what does not lead to them is left out. Call it inside `tf.tidy`.
 */
export function emitFunction(
  graph: GraphBuilder,
  inputs: readonly { readonly tensor: tf.Tensor; readonly edge: Edge }[],
  run: () => readonly tf.Tensor[],
): EmittedFunction {
  const backend = tensorFlowBackend();
  const inputIds = backend.getInputTensorIds(inputs.map(({ tensor }) => tensor));
  // Outputs may be JS-made constants, which get their ids here, while constants are still recorded.
  const { result, recording } = record(backend, inputIds, () => backend.getInputTensorIds(run()));
  const known = new Map(inputs.map(({ tensor, edge }, i) => [inputIds[i] as number, { edge, dtype: typeOf(tensor) }]));
  return emitRecording(graph, backend.binding, recording, { known, wanted: result });
}

/** Ops on the same inputs are emitted once: none that tfjs executes has an effect. */
function emitRecording(
  graph: GraphBuilder,
  binding: TensorFlowBinding,
  recording: Recording,
  {
    known,
    wanted,
  }: {
    readonly known: ReadonlyMap<number, { readonly edge: Edge; readonly dtype: number }>;
    readonly wanted: readonly number[];
  },
): EmittedFunction {
  const edges = new Map<number, Edge>();
  const types = new Map<number, number>();
  for (const [id, { edge, dtype }] of known) {
    edges.set(id, edge);
    types.set(id, dtype);
  }
  for (const [id, { dtype }] of recording.constants) types.set(id, dtype);
  const producers = new Map<number, RecordedOp>();
  for (const op of recording.ops) {
    for (const { id, dtype } of op.outputs) {
      producers.set(id, op);
      types.set(id, dtype);
    }
  }
  const emitted = new Map<string, Edge>();
  const consumers = new Map<Edge, string[]>();

  const emitOp = (op: RecordedOp): void => {
    const inputEdges = op.inputs.map((id) => edges.get(id) as Edge);
    const { name, attributes } = asGraphOp(
      binding,
      op,
      op.inputs.map((id) => types.get(id) as number),
    );
    const key = JSON.stringify([name, attributes, inputEdges]);
    let node = emitted.get(key);
    if (node === undefined) {
      node = graph.add(name, inputEdges, attributes);
      emitted.set(key, node);
      for (const edge of inputEdges) {
        const known = consumers.get(edge);
        if (known === undefined) consumers.set(edge, [node]);
        else known.push(node);
      }
    }
    op.outputs.forEach(({ id }, index) => edges.set(id, index === 0 ? (node as Edge) : `${node}:${index}`));
  };

  const emitConstant = (id: number): boolean => {
    const constant = recording.constants.get(id);
    if (constant === undefined) return false;
    edges.set(id, graph.constant(constant));
    return true;
  };

  // Depth first without recursion: a long model's chain of ops would overflow the stack.
  const emit = (id: number): void => {
    const stack = [id];
    while (stack.length > 0) {
      const top = stack.at(-1) as number;
      if (edges.has(top) || emitConstant(top)) {
        stack.pop();
        continue;
      }
      const op = producers.get(top);
      invariant(op !== undefined, `tensor ${top} is an input, a constant or an op's output`);
      const missing = op.inputs.filter((input) => !edges.has(input));
      if (missing.length === 0) emitOp(op);
      else stack.push(...missing);
    }
  };

  for (const id of wanted) emit(id);
  return {
    outputs: wanted.map((id) => edges.get(id) as Edge),
    readers: [...known.values()].map(({ edge }) => consumers.get(edge) ?? []),
  };
}

/** tfjs multiplies matrices by the batch op; as `MatMul`, TensorFlow can fuse bias and activation into them. */
function asGraphOp(
  binding: TensorFlowBinding,
  op: RecordedOp,
  inputTypes: readonly number[],
): { readonly name: string; readonly attributes: Record<string, AttributeValue> } {
  const attributes: Record<string, AttributeValue> = {};
  for (const attribute of op.attributes) attributes[attribute.name] = asAttributeValue(binding, attribute);
  // Eager execution infers the types that a kernel left out; a graph must state them.
  for (const [name, input] of Object.entries(signatures[op.name]?.types ?? {})) {
    attributes[name] ??= { type: inputTypes.at(input) as number };
  }
  if (op.name === 'BatchMatMulV2' && op.outputs[0]?.shape.length === 2) {
    const { T, adj_x, adj_y } = attributes as { T: AttributeValue; adj_x: AttributeValue; adj_y: AttributeValue };
    return { name: 'MatMul', attributes: { T, transpose_a: adj_x, transpose_b: adj_y } };
  }
  return { name: op.name, attributes };
}

function asAttributeValue(binding: TensorFlowBinding, { name, type, value }: OpAttribute): AttributeValue {
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return Array.isArray(value) ? { typeList: value } : { type: value as number };
    case binding.TF_ATTR_INT:
      return Array.isArray(value) ? { intList: value } : { int: value as number };
    case binding.TF_ATTR_FLOAT:
      return Array.isArray(value) ? { floatList: value } : { float: value as number };
    case binding.TF_ATTR_BOOL:
      return { bool: value as boolean };
    case binding.TF_ATTR_STRING:
      return { string: value as string };
    case binding.TF_ATTR_SHAPE:
      return { shape: value as readonly number[] };
    default:
      throw new Error(`Attribute ${name} has type ${type}, which the engine cannot write into a graph`);
  }
}

function typeOf({ dtype }: tf.Tensor): number {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dataTypes[dtype];
  throw new Error(`A tensor of type ${dtype} cannot be part of a training graph`);
}
