/** Variables of a graph: their handles, and the nodes that set them. */
import type { Edge, GraphBuilder } from './graph-builder.ts';
import { dataTypes } from './tensorflow-backend.ts';

export interface GraphVariable {
  readonly handle: Edge;
  readonly dtype: number;
  /** -1 where a dimension changes from epoch to epoch. */
  readonly shape: readonly number[];
  /** The placeholder to feed and the node to run for setting it. */
  readonly feed: Edge;
  readonly assigned: string;
  /** A read for fetching its value between steps. */
  readonly value: Edge;
}

export function addVariable(
  graph: GraphBuilder,
  name: string,
  { dtype, shape }: { readonly dtype: 'float32' | 'int32'; readonly shape: readonly number[] },
): GraphVariable {
  const type = dataTypes[dtype];
  const handle = graph.add(
    'VarHandleOp',
    [],
    { dtype: { type }, shape: { shape }, shared_name: { string: name }, container: { string: '' } },
    { name },
  );
  const feed = graph.placeholder(`${name}/feed`, type, shape);
  // A fed tensor may share its memory with a JS array; the variable must own what it updates in place.
  const own = graph.add('DeepCopy', [feed], { T: { type } }, { name: `${name}/own` });
  const assigned = graph.add('AssignVariableOp', [handle, own], { dtype: { type } }, { name: `${name}/assign` });
  const value = readVariable(graph, { handle, dtype: type }, { name: `${name}/value` });
  return { handle, dtype: type, shape, feed, assigned, value };
}

export function readVariable(
  graph: GraphBuilder,
  { handle, dtype }: Pick<GraphVariable, 'handle' | 'dtype'>,
  options: { readonly name?: string; readonly after?: readonly string[] } = {},
): Edge {
  return graph.add('ReadVariableOp', [handle], { dtype: { type: dtype } }, options);
}

/** A node to fetch when a run is made for its effects: an int32 scalar, computed after `after`. */
export function addCompletion(
  graph: GraphBuilder,
  { name, value, after }: { readonly name: string; readonly value: Edge; readonly after: readonly string[] },
): Edge {
  return graph.add('Identity', [value], { T: { type: dataTypes.int32 } }, { name, after });
}
