import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createLogTails, TAIL_BYTES, type LogPart } from './log-tails.ts';

describe('following a log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-logs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  const newFile = (text?: string): string => {
    const file = join(folder, `${files++}.log`);
    if (text !== undefined) writeFileSync(file, text);
    return file;
  };
  const forever = { isOver: async () => false };
  const over = { isOver: async () => true };
  const all = async (follower: AsyncIterable<LogPart>): Promise<LogPart[]> => {
    const parts = [];
    for await (const part of follower) parts.push(part);
    return parts;
  };
  const textOf = (parts: readonly LogPart[]): string => parts.map(({ text }) => text).join('');

  it('gives all of it from an offset on, in parts that end with lines, and ends with the trial', async () => {
    using tails = createLogTails({ pollMs: 5 });
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    const file = newFile(text);
    const parts = await all(tails.follow(file, { after: 0, ...over }));
    expect(textOf(parts)).toBe(text);
    expect(parts.length).toBeGreaterThan(2);
    for (const { text: part, cursor } of parts) {
      expect(part.endsWith('\n')).toBe(true);
      expect(part.length).toBeLessThanOrEqual(64 * 1024);
      expect(textOf(await all(tails.follow(file, { after: cursor, ...over })))).toBe(text.slice(cursor));
    }
  });

  it('begins with the last lines where no offset is given', async () => {
    using tails = createLogTails({ pollMs: 5 });
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    const tail = textOf(await all(tails.follow(newFile(text), over)));
    expect(tail.length).toBeLessThanOrEqual(TAIL_BYTES);
    expect(tail.length).toBeGreaterThan(TAIL_BYTES - 100);
    expect(text.endsWith(`\n${tail}`)).toBe(true);
  });

  it('waits for a file and goes on as it grows, with whole characters, for all who follow', async () => {
    using tails = createLogTails({ pollMs: 5 });
    const file = newFile();
    const [first, second] = [0, undefined].map((after) => tails.follow(file, { after, ...forever }));
    const bytes = Buffer.from('épochs 12 €\n');
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 12), bytes.subarray(12)];
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of first as AsyncIterable<LogPart>) {
        texts.push(text);
        if (texts.join('').endsWith('\n')) return;
      }
    })();
    for (const piece of pieces) {
      appendFileSync(file, piece);
      await setTimeout(60);
    }
    await reading;
    expect(texts.join('')).toBe('épochs 12 €\n');
    expect(texts.join('')).not.toContain('\ufffd');
    expect((await second?.next())?.value?.text.startsWith('é')).toBe(true);
  });

  it('gives what is no UTF-8 all the same', async () => {
    using tails = createLogTails({ pollMs: 5 });
    const file = newFile();
    writeFileSync(file, Buffer.from([0x41, 0xff, 0xfe, 0x42]));
    expect(textOf(await all(tails.follow(file, { after: 0, ...over })))).toBe('A\ufffd\ufffdB');
  });

  it('lets a follower go while it waits, and ends when it is disposed of', async () => {
    const tails = createLogTails({ pollMs: 5 });
    const [one, other] = [tails.follow(newFile(), forever), tails.follow(newFile(), forever)];
    const waiting = [one.next(), other.next()];
    await setTimeout(20);
    await one.return?.();
    expect(await waiting[0]).toEqual({ done: true, value: undefined });
    tails[Symbol.dispose]();
    expect(await waiting[1]).toEqual({ done: true, value: undefined });
  });
});
