import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

const script = fileURLToPath(new URL('./fixtures/safetensors.py', import.meta.url));
const reference = readFileSync(new URL('./fixtures/reference.safetensors', import.meta.url));
const ours = readFileSync(new URL('./fixtures/ours.safetensors', import.meta.url));
const oursAsRead = JSON.parse(readFileSync(new URL('./fixtures/ours.json', import.meta.url), 'utf8')) as unknown;

const example = new Map<string, StoredTensor>([
  ['b', { shape: [3], data: Uint8Array.of(7, 8, 9) }],
  ['a.kernel', { shape: [2, 2], data: Float32Array.of(1, -2.5, 0.125, 1e-8) }],
  ['ä', { shape: [], data: Int32Array.of(-5) }],
  ['wide', { shape: [1, 2], data: Float64Array.of(Math.PI, -1e300) }],
]);
const metadata = { family: 'cnn1d' };

describe('safetensors', () => {
  it('reads what the reference implementation wrote', () => {
    const { tensors, metadata: read } = decodeSafetensors(reference, 'reference');
    expect(read).toEqual({ family: 'cnn1d', note: 'written by the reference' });
    expect(tensors.get('dense.kernel')).toEqual({
      shape: [3, 4],
      data: Float32Array.from({ length: 12 }, (_, i) => i / 7),
    });
    expect(tensors.get('dense.bias')).toEqual({ shape: [3], data: Float32Array.of(1.5, -2.25, 3e-30) });
    expect(tensors.get('gewichte.ü')).toEqual({ shape: [1, 2], data: Float64Array.of(1e300, -0) });
    expect(tensors.get('step')).toEqual({ shape: [], data: Int32Array.of(123456) });
    expect(tensors.get('counts')).toEqual({ shape: [2], data: BigInt64Array.of(2n ** 40n, -1n) });
    expect(tensors.get('bytes')).toEqual({ shape: [3], data: Uint8Array.of(0, 1, 255) });
    expect(tensors.get('empty')).toEqual({ shape: [0, 5], data: new Float32Array(0) });
    expect(tensors.size).toBe(7);
  });

  it('writes the file that the reference implementation read back as the same values', () => {
    // ours.json is the reference's reading of ours.safetensors, kept beside it.
    expect(Buffer.from(encodeSafetensors({ tensors: example, metadata })).equals(ours)).toBe(true);
    expect(oursAsRead).toEqual({
      metadata,
      tensors: {
        b: { dtype: 'uint8', shape: [3], data: [7, 8, 9] },
        'a.kernel': { dtype: 'float32', shape: [2, 2], data: [...Float32Array.of(1, -2.5, 0.125, 1e-8)] },
        ä: { dtype: 'int32', shape: [], data: [-5] },
        wide: { dtype: 'float64', shape: [1, 2], data: [Math.PI, -1e300] },
      },
    });
  });

  it.skipIf(!hasReference())('is read by the reference implementation here (pip install safetensors numpy)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
    try {
      const file = join(folder, 'x.safetensors');
      writeFileSync(file, encodeSafetensors({ tensors: example, metadata }));
      const read = JSON.parse(execFileSync('python3', [script, 'read', file], { encoding: 'utf8' })) as unknown;
      expect(read).toEqual(oursAsRead);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives back what it wrote, and copies', () => {
    const bytes = encodeSafetensors({ tensors: example, metadata });
    const back = decodeSafetensors(bytes, 'memory');
    bytes.fill(0);
    expect(new Map([...back.tensors].sort())).toEqual(new Map([...example].sort()));
    expect(back.metadata).toEqual(metadata);
  });

  it('refuses every truncation of a file', () => {
    const bytes = encodeSafetensors({ tensors: example, metadata });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), 'torn')).toThrow(/^torn: /);
    }
  });

  it('says what is wrong with a header that lies', () => {
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [[entry], /not a JSON object/],
      [{ x: { ...entry, dtype: 'BF16' } }, /x has data type BF16; expected one of F64, F32/],
      [{ x: { ...entry, dtype: 'constructor' } }, /data type constructor/],
      [{ x: { ...entry, shape: [-2] } }, /no shape of whole numbers/],
      [{ x: { ...entry, shape: [3] } }, /does not fill bytes 0 to 8/],
      [{ x: { ...entry, data_offsets: [8, 0] } }, /no data_offsets/],
      [{ x: { ...entry, data_offsets: [4, 12] } }, /ends at byte 12 of 8/],
      [{ x: entry, y: entry }, /belong to no or to two tensors/],
      [{ x: { ...entry, shape: [1], data_offsets: [0, 4] } }, /4 bytes follow the last tensor/],
      [{ x: entry, __metadata__: { a: 1 } }, /maps strings to strings/],
      [{ x: null }, /data type undefined/],
    ];
    for (const [header, message] of cases) {
      expect(() => decodeSafetensors(fileWith(JSON.stringify(header)), 'liar')).toThrow(message);
    }
    expect(() => decodeSafetensors(fileWith('{"x": '), 'liar')).toThrow(/not JSON/);
  });
});

function fileWith(header: string): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

function hasReference(): boolean {
  try {
    execFileSync('python3', ['-c', 'import safetensors, numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
