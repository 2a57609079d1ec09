/** The reader of what trainers say, under lines that no trainer should send. A failure names its seed: add it to SEEDS. */
import { createRng, messageFromTrainer, type Rng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { createMessageReader, type Heard } from './message-reader.ts';

/** Seeds that are tried every time; those that once found a fault stay. */
const SEEDS = Array.from({ length: 200 }, (_, index) => index);
const MAXIMUM = 4_000;

const VALID: readonly string[] = [
  { type: 'ready', protocol: 1, name: 'größe ✓ 你好 🚀', device: 'CPU', trialsPerProcess: 'one' },
  { type: 'started', totalSteps: 100, totalEpochs: 4, weightCount: 7, resumedFromStep: 0 },
  { type: 'progress', epoch: 0.5, trainLoss: null },
  { type: 'measurement', step: 25, epoch: 1, values: { trainLoss: 0.5, größe: null }, isResumable: true },
  { type: 'completed', bestStep: 25, bestValue: 0.9 },
  { type: 'infeasible', code: 'diverged', reason: 'nicht endlich: ∞', epoch: 1.5 },
  { type: 'failed', reason: 'no space' },
  { type: 'stopped', step: 25 },
].map((message) => JSON.stringify(message));

const SPLICES: readonly string[] = [
  'NaN',
  'Infinity',
  '1e999',
  '-0',
  '9007199254740993',
  'null',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\r',
  '\n',
  '\u2028',
  '\ufeff',
  '"__proto__":{},',
  '"type":"measurement",',
  '{"type":"stopped","step":1}',
  '1'.repeat(400),
  '['.repeat(3_000),
];

function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[Math.floor(rng.next() * from.length)] as T;
}

/** A stream of valid lines, some of them changed: bytes flipped, cut out, doubled, spliced, lines run together. */
function stream(rng: Rng): Buffer {
  const lines = Array.from({ length: 1 + Math.floor(rng.next() * 12) }, () => {
    const bytes = Buffer.from(`${pick(rng, VALID)}${rng.next() < 0.9 ? '\n' : ''}`);
    const at = Math.floor(rng.next() * bytes.length);
    const kind = Math.floor(rng.next() * 6);
    if (kind === 0) bytes[at] = Math.floor(rng.next() * 256);
    if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(rng.next() * 8))]);
    if (kind === 2) return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(rng, SPLICES)), bytes.subarray(at)]);
    if (kind === 3) return Buffer.concat([bytes, bytes.subarray(at)]);
    return bytes;
  });
  return Buffer.concat(lines);
}

function readInChunks(bytes: Buffer, sizeOf: () => number): Heard[] {
  const reader = createMessageReader(MAXIMUM);
  const heard: Heard[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = sizeOf();
    heard.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return heard;
}

describe('the reader of a trainer', () => {
  it.each(SEEDS)('gives messages of the protocol or says what is none, however it is cut: seed %i', (seed) => {
    const rng = createRng('message-reader', seed);
    const bytes = stream(rng);
    const whole = readInChunks(bytes, () => bytes.length);
    for (const one of whole) {
      if (one.type === 'message') expect(messageFromTrainer.safeParse(one.message).success).toBe(true);
      else expect(one.reason.length).toBeLessThan(1_000);
    }
    expect(readInChunks(bytes, () => 1)).toEqual(whole);
    expect(readInChunks(bytes, () => 1 + Math.floor(rng.next() * 40))).toEqual(whole);
  });

  it('hears the valid lines around what is not, in order', () => {
    const text = [VALID[1], 'rubbish', VALID[3], '{"type":"dance"}', '', VALID[4]].join('\n');
    const heard = readInChunks(Buffer.from(`${text}\n`), () => 7);
    expect(heard.map((one) => (one.type === 'message' ? one.message.type : 'violation'))).toEqual([
      'started',
      'violation',
      'measurement',
      'violation',
      'completed',
    ]);
  });

  it('passes on no text that a database cannot keep', () => {
    const failed = String.raw`{"type":"failed","reason":"a\u0000b\ud800c"}`;
    const cutInHalf = `{"x":"${'🚀'.repeat(100)}"}`;
    const heard = readInChunks(Buffer.from(`${failed}\n${'\0'.repeat(9)}\n${cutInHalf}\n x${cutInHalf}\n`), () => 50);
    expect(heard[0]).toEqual({ type: 'message', message: { type: 'failed', reason: 'a\ufffdb\ufffdc' } });
    const reasons = heard.slice(1).map((one) => (one.type === 'violation' ? one.reason : ''));
    expect(reasons).toHaveLength(3);
    for (const reason of reasons) expect([reason.isWellFormed(), reason.includes('\0')]).toEqual([true, false]);
  });

  it('keeps no more than a line of what never ends', () => {
    const reader = createMessageReader(MAXIMUM);
    const chunk = Buffer.alloc(1_000, 'x');
    let violations = 0;
    for (let i = 0; i < 20_000; i++) violations += reader.push(chunk).length;
    // 20 MB in pieces that are dropped as soon as each is longer than a line may be.
    expect(violations).toBe(20_000 / 5);
  });
});
