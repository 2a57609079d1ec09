/** Builds a TensorFlow graph node by node; `saved-model.ts` writes it. */
import { dataTypes, type TypedValues } from './tensorflow-backend.ts';

/** An output of a node: `node` or `node:1`. */
export type Edge = string;

export interface TensorValue {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: TypedValues;
}

/** An attribute's value, named as in TensorFlow's `AttrValue`. A dimension of -1 is unknown; shape `null` has unknown rank. */
export type AttributeValue =
  | { readonly type: number }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly shape: readonly number[] | null }
  | { readonly tensor: TensorValue }
  | { readonly intList: readonly number[] }
  | { readonly floatList: readonly number[] }
  | { readonly typeList: readonly number[] }
  | { readonly shapeList: readonly (readonly number[] | null)[] };

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Edge[];
  /** Nodes that must have run before this one. */
  readonly after: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, Edge>();

  /** Adds a node and returns its first output's edge, which is also the node's name. */
  add(
    op: string,
    inputs: readonly Edge[],
    attributes: Readonly<Record<string, AttributeValue>>,
    options: { readonly name?: string; readonly after?: readonly string[] } = {},
  ): Edge {
    const name = this.#unique(options.name ?? op);
    this.nodes.push({ name, op, inputs: [...inputs], after: [...(options.after ?? [])].map(nodeOf), attributes });
    return name;
  }

  /** A constant; equal constants are one node. */
  constant(value: TensorValue): Edge {
    const key =
      value.values.length <= 64
        ? `${value.dtype}[${value.shape.join()}]${Array.from(value.values as ArrayLike<number>)
            .map(bits)
            .join()}`
        : undefined;
    const existing = key === undefined ? undefined : this.#constants.get(key);
    if (existing !== undefined) return existing;
    const edge = isUniform(value.values) && value.values.length > 16 ? this.#fill(value) : this.#literal(value);
    if (key !== undefined) this.#constants.set(key, edge);
    return edge;
  }

  float(value: number): Edge {
    return this.constant({ dtype: dataTypes.float32, shape: [], values: Float32Array.of(value) });
  }

  int(value: number): Edge {
    return this.constant({ dtype: dataTypes.int32, shape: [], values: Int32Array.of(value) });
  }

  ints(values: readonly number[]): Edge {
    return this.constant({ dtype: dataTypes.int32, shape: [values.length], values: Int32Array.from(values) });
  }

  placeholder(name: string, dtype: number, shape: readonly number[] | null): Edge {
    return this.add('Placeholder', [], { dtype: { type: dtype }, shape: { shape } }, { name });
  }

  #literal(value: TensorValue): Edge {
    return this.add('Const', [], { dtype: { type: value.dtype }, value: { tensor: value } });
  }

  /** tfjs's gradients of sums upload whole tensors of ones; the graph holds their shape and one value instead. */
  #fill({ dtype, shape, values }: TensorValue): Edge {
    const value = this.constant({ dtype, shape: [], values: values.slice(0, 1) });
    return this.add('Fill', [this.ints(shape), value], { T: { type: dtype }, index_type: { type: dataTypes.int32 } });
  }

  #unique(base: string): string {
    // TensorFlow's node names: [A-Za-z0-9.][A-Za-z0-9_.\-/]*
    const clean = base.replace(/[^A-Za-z0-9_.\-/]/g, '_').replace(/^[^A-Za-z0-9.]/, 'n$&');
    let name = clean;
    for (let i = 1; this.#names.has(name); i++) name = `${clean}_${i}`;
    this.#names.add(name);
    return name;
  }
}

/** The node that an edge leaves. */
export function nodeOf(edge: Edge): string {
  return edge.replace(/:\d+$/, '');
}

/** -0 and 0, and NaN, must keep apart from their equals in a cache key. */
function bits(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function isUniform(values: TypedValues): boolean {
  const first = values[0] as number;
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}
