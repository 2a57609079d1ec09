/**
 * Writes a graph as a SavedModel, the one file format that the binding can load. No signatures and no variables folder:
 * the binding addresses nodes by name, and variables start through assign nodes of the graph itself.
 * The protocol buffer classes are tfjs-node's own, generated from TensorFlow's `.proto` files.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributeValue, GraphBuilder, GraphNode, TensorValue } from './graph-builder.ts';

const servingTag = 'serve';
/** `TF_GRAPH_DEF_VERSION` of TensorFlow 2.9; a newer library reads it. */
const graphVersion = { producer: 1087, minConsumer: 12 };

/** The graph as the bytes of `saved_model.pb`. */
export function encodeSavedModel(graph: GraphBuilder): Uint8Array {
  const proto = protoClasses();
  const graphDef = new proto.GraphDef();
  graphDef.setNodeList(graph.nodes.map((node) => encodeNode(proto, node)));
  const versions = new proto.VersionDef();
  versions.setProducer(graphVersion.producer);
  versions.setMinConsumer(graphVersion.minConsumer);
  graphDef.setVersions(versions);
  const info = new proto.MetaGraphDef.MetaInfoDef();
  info.addTags(servingTag);
  const metaGraph = new proto.MetaGraphDef();
  metaGraph.setMetaInfoDef(info);
  metaGraph.setGraphDef(graphDef);
  const model = new proto.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(metaGraph);
  return model.serializeBinary();
}

/** Calls `load(folder, tags)` with a folder that holds the model and is gone afterwards. */
export async function withSavedModel<T>(bytes: Uint8Array, load: (folder: string, tags: string) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kinetune-graph-'));
  try {
    await writeFile(join(folder, 'saved_model.pb'), bytes);
    return load(folder, servingTag);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// tfjs-node ships these generated classes without types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Proto = any;

let loadedClasses: Proto;

function protoClasses(): Proto {
  loadedClasses ??= createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js');
  return loadedClasses;
}

function encodeNode(proto: Proto, node: GraphNode): Proto {
  const message = new proto.NodeDef();
  message.setName(node.name);
  message.setOp(node.op);
  message.setInputList([...node.inputs, ...new Set(node.after.map((name) => `^${name}`))]);
  const attributes = message.getAttrMap();
  for (const [name, value] of Object.entries(node.attributes)) attributes.set(name, encodeAttribute(proto, value));
  return message;
}

function encodeAttribute(proto: Proto, value: AttributeValue): Proto {
  const message = new proto.AttrValue();
  if ('type' in value) message.setType(value.type);
  else if ('int' in value) message.setI(value.int);
  else if ('float' in value) message.setF(value.float);
  else if ('bool' in value) message.setB(value.bool);
  else if ('string' in value) message.setS(new TextEncoder().encode(value.string));
  else if ('shape' in value) message.setShape(encodeShape(proto, value.shape));
  else if ('tensor' in value) message.setTensor(encodeTensor(proto, value.tensor));
  else {
    const list = new proto.AttrValue.ListValue();
    if ('intList' in value) list.setIList([...value.intList]);
    else if ('floatList' in value) list.setFList([...value.floatList]);
    else if ('typeList' in value) list.setTypeList([...value.typeList]);
    else list.setShapeList(value.shapeList.map((shape) => encodeShape(proto, shape)));
    message.setList(list);
  }
  return message;
}

function encodeShape(proto: Proto, shape: readonly number[] | null): Proto {
  const message = new proto.TensorShape();
  if (shape === null) message.setUnknownRank(true);
  else {
    message.setDimList(
      shape.map((size) => {
        const dimension = new proto.TensorShape.Dim();
        dimension.setSize(size);
        return dimension;
      }),
    );
  }
  return message;
}

function encodeTensor(proto: Proto, { dtype, shape, values }: TensorValue): Proto {
  const message = new proto.Tensor();
  message.setDtype(dtype);
  message.setTensorShape(encodeShape(proto, shape));
  message.setTensorContent(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return message;
}
