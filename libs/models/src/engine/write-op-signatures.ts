/**
 * Writes `op-signatures.json` from libtensorflow's own list of ops (2.21.0). The list is a protocol buffer that the
 * binding cannot fetch; this C program prints it, linked against the same libraries as the addon:
 *   #include "tensorflow/c/c_api.h"
 *   #include <stdio.h>
 *   int main() { TF_Buffer* list = TF_GetAllOpList(); fwrite(list->data, 1, list->length, stdout); }
 * Then: node write-op-signatures.ts ops.pb
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Argument {
  getName(): string;
  getTypeAttr(): string;
  getNumberAttr(): string;
  getTypeListAttr(): string;
}

interface Op {
  getName(): string;
  getInputArgList(): Argument[];
  getOutputArgList(): Argument[];
}

const [listFile] = process.argv.slice(2);
if (listFile === undefined) throw new Error('Usage: node write-op-signatures.ts ops.pb');

const require = createRequire(import.meta.url);
const proto = require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js');
const ops = (
  proto.OpList.deserializeBinary(new Uint8Array(readFileSync(listFile))) as { getOpList(): Op[] }
).getOpList();
const wanted = namesInSources();

const signatures: Record<string, { types: Record<string, number>; outputs: string[] }> = {};
for (const op of ops) {
  if (!wanted.has(op.getName())) continue;
  const inputs = op.getInputArgList();
  const types: Record<string, number> = {};
  const listAt = inputs.findIndex((argument) => argument.getNumberAttr() !== '' || argument.getTypeListAttr() !== '');
  inputs.forEach((argument, i) => {
    // An input behind a list is counted from the end: the list's length differs from op to op.
    const position = listAt >= 0 && i > listAt ? i - inputs.length : i;
    if (argument.getTypeAttr() !== '') types[argument.getTypeAttr()] ??= position;
  });
  signatures[op.getName()] = { types, outputs: op.getOutputArgList().map((argument) => argument.getName()) };
}
const lines = Object.entries(signatures).map(
  ([name, signature]) => `  ${JSON.stringify(name)}: ${JSON.stringify(signature)}`,
);
writeFileSync(join(import.meta.dirname, 'op-signatures.json'), `{\n${lines.join(',\n')}\n}\n`);

/** Every op that tfjs-node's kernels or the engine's own sources name in quotes, or tfjs-core by a kernel's name. */
function namesInSources(): Set<string> {
  const tfjsNode = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const texts = [
    ...sourcesIn(join(tfjsNode, 'dist/kernels')),
    join(tfjsNode, 'dist/nodejs_kernel_backend.js'),
    join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist/kernel_names.js'),
    ...sourcesIn(join(import.meta.dirname, '..')),
  ].map((file) => readFileSync(file, 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/(?<=['"])[A-Z_]\w+(?=['"])/g) ?? []));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|ts)$/.test(name))
    .map((name) => join(folder, name));
}
