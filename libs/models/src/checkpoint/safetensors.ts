/**
 * The safetensors format (https://github.com/huggingface/safetensors, README "Format"), read and written without its library:
 *
 *   8 bytes   N, an unsigned little-endian 64-bit integer
 *   N bytes   a JSON object: name -> { dtype, shape, data_offsets: [begin, end] }, and `__metadata__`: string -> string
 *   the rest  the tensors' bytes, little-endian, row-major, without holes; offsets count from here
 *
 * Reading checks everything that the reference implementation checks, because a checkpoint may be torn or come from elsewhere.
 */
import { endianness } from 'node:os';
import { InputError, invariant } from '@kinetune/study';

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;
type DataType = keyof typeof ARRAYS;

export type TensorData = InstanceType<(typeof ARRAYS)[DataType]>;

export interface StoredTensor {
  readonly shape: readonly number[];
  /** Row-major; as many values as the shape says. */
  readonly data: TensorData;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The reference's own limit: a longer header is an attack or garbage. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

interface HeaderEntry {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The file's bytes. Wide types come first and the header is padded, so that every tensor is aligned when memory-mapped. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  invariant(endianness() === 'LE', 'safetensors are little-endian and so is every machine that Node 24 supports');
  const entries = [...tensors].sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    invariant(name !== METADATA, `no tensor is called ${METADATA}`);
    invariant(data.length === elementCount(shape), `${name} holds as many values as its shape [${shape.join(', ')}]`);
    header[name] = { dtype: dataTypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/**
 * Reads a whole file's bytes; the tensors are copies.
 * @throws InputError naming `file` and what is wrong with it.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const broken = (what: string): InputError => new InputError('safetensors-invalid', what, { file });
  if (bytes.length < 8)
    throw broken(`a safetensors file starts with 8 bytes of header length; this has ${bytes.length}`);
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAXIMUM_HEADER_BYTES || 8 + headerBytes > bytes.length) {
    throw broken(`the header should be ${headerBytes} bytes long, but the whole file has ${bytes.length}: truncated?`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes), broken);
  // Not `subarray`: of a Buffer that is a Buffer, whose `slice` shares memory instead of copying.
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + 8 + headerBytes, bytes.length - 8 - headerBytes);

  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  const spans: (readonly [number, number])[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      if (!isStringRecord(entry)) throw broken(`${METADATA} maps strings to strings`);
      metadata = entry;
      continue;
    }
    const { dtype, shape, data_offsets: span } = checkEntry(name, entry, broken);
    const Values = ARRAYS[dtype];
    if (span[1] - span[0] !== elementCount(shape) * Values.BYTES_PER_ELEMENT) {
      throw broken(`${name} of ${dtype} [${shape.join(', ')}] does not fill bytes ${span[0]} to ${span[1]}`);
    }
    if (span[1] > data.length) throw broken(`${name} ends at byte ${span[1]} of ${data.length}: truncated?`);
    spans.push(span);
    tensors.set(name, { shape, data: new Values(data.slice(span[0], span[1]).buffer) });
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let end = 0;
  for (const [from, to] of spans) {
    if (from !== end)
      throw broken(`bytes ${Math.min(from, end)} to ${Math.max(from, end)} belong to no or to two tensors`);
    end = to;
  }
  if (end !== data.length) throw broken(`${data.length - end} bytes follow the last tensor`);
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array, broken: (what: string) => InputError): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw broken(`the header is not JSON: ${(error as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw broken('the header is not a JSON object');
  return header as Record<string, unknown>;
}

function checkEntry(name: string, entry: unknown, broken: (what: string) => InputError): HeaderEntry {
  const { dtype, shape, data_offsets: span } = (entry ?? {}) as Partial<Record<keyof HeaderEntry, unknown>>;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype)) {
    throw broken(`${name} has data type ${String(dtype)}; expected one of ${Object.keys(ARRAYS).join(', ')}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(`${name} has no shape of whole numbers`);
  if (!Array.isArray(span) || span.length !== 2 || !span.every(isCount) || (span[0] as number) > (span[1] as number)) {
    throw broken(`${name} has no data_offsets [begin, end]`);
  }
  return { dtype: dtype as DataType, shape, data_offsets: span as unknown as readonly [number, number] };
}

function dataTypeOf(data: TensorData): DataType {
  const found = (Object.keys(ARRAYS) as DataType[]).find((type) => data instanceof ARRAYS[type]);
  invariant(found !== undefined, 'a typed array has a safetensors data type');
  return found;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((item) => typeof item === 'string');
}
