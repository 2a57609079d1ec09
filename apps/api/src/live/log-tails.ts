/**
 * Growing log files, handed to any number of followers. A file is looked at as long as anybody follows it, once for all; a follower
 * is nothing but an offset into it, so a slow one costs no memory. The files may lie on a disk that other machines write to, which
 * says nothing when it changes: hence looks at intervals.
 */
import { open, stat } from 'node:fs/promises';
import { following } from './following.ts';

export interface LogPart {
  /** Offset of the byte after it. */
  readonly cursor: number;
  /** Whole characters; a line that is written in pieces may come in several parts. */
  readonly text: string;
}

export interface LogTails extends Disposable {
  /**
   * The parts of a file from byte `after` on (undefined: from the last `TAIL_BYTES`, at the beginning of a line), ending when
   * `isOver` and nothing is left. `return()` ends it at once, though it waits. A file that is not there is waited for.
   */
  follow(file: string, options: FollowLogOptions): AsyncIterableIterator<LogPart, undefined>;
}

export interface FollowLogOptions {
  readonly after?: number | undefined;
  /** Whether nothing will be written any more; asked once a second at most, whoever follows. */
  readonly isOver: () => Promise<boolean>;
}

export const TAIL_BYTES = 64 * 1024;
const PART_BYTES = 64 * 1024;
const OVER_CHECK_MS = 1_000;

interface Tail {
  followers: number;
  /** Bytes; undefined before the first look. */
  size: number | undefined;
  isOver: boolean;
  checkedAt: number;
  readonly isOverNow: () => Promise<boolean>;
  /** Parts that were read since the file grew, by the offset where they begin. */
  readonly parts: Map<number, Promise<LogPart>>;
  readonly waiting: Set<() => void>;
}

export function createLogTails({ pollMs = 200 }: { readonly pollMs?: number } = {}): LogTails {
  const tails = new Map<string, Tail>();
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;

  const look = async (): Promise<void> => {
    await Promise.all([...tails].map(([file, tail]) => lookAt(file, tail)));
    timer = tails.size === 0 || isEnded ? undefined : setTimeout(() => void look(), pollMs);
  };
  const enter = (file: string, isOverNow: () => Promise<boolean>): Tail => {
    const tail = tails.get(file) ?? {
      followers: 0,
      size: undefined,
      isOver: false,
      checkedAt: -Infinity,
      isOverNow,
      parts: new Map(),
      waiting: new Set(),
    };
    tail.followers++;
    tails.set(file, tail);
    timer ??= setTimeout(() => void look(), 0);
    return tail;
  };

  return {
    follow(file, { after, isOver: isOverNow }) {
      const tail = enter(file, isOverNow);
      let offset = after;
      let isOver = false;
      let wake = (): void => {};
      const leave = (): void => {
        if (isOver) return;
        isOver = true;
        if (--tail.followers === 0) tails.delete(file);
        tail.waiting.delete(wake);
        wake();
      };
      return following(async () => {
        while (!isOver && !isEnded) {
          if (tail.size !== undefined) {
            offset ??= await lineAfter(file, Math.max(0, tail.size - TAIL_BYTES));
            const part = offset < tail.size ? await partAt(file, tail, offset) : undefined;
            if (isOver) break;
            if (part !== undefined && part.cursor > offset) {
              offset = part.cursor;
              return part;
            }
            if (tail.isOver) break;
          }
          await new Promise<void>((resolve) => tail.waiting.add((wake = resolve)));
        }
        return undefined;
      }, leave);
    },
    [Symbol.dispose]() {
      isEnded = true;
      clearTimeout(timer);
      for (const { waiting } of tails.values()) waiting.forEach((wake) => wake());
    },
  };
}

async function lookAt(file: string, tail: Tail): Promise<void> {
  // Asked before looking: what was written before the end is then seen.
  if (!tail.isOver && performance.now() - tail.checkedAt > OVER_CHECK_MS) {
    tail.isOver = await tail.isOverNow().catch(() => false);
    tail.checkedAt = performance.now();
    if (tail.isOver) tail.size = undefined;
  }
  const size = await sizeOf(file);
  if (size === tail.size) return;
  tail.size = size;
  tail.parts.clear();
  tail.waiting.forEach((wake) => wake());
  tail.waiting.clear();
}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function partAt(file: string, tail: Tail, offset: number): Promise<LogPart> {
  const known = tail.parts.get(offset);
  if (known !== undefined) return known;
  const part = readPart(file, offset);
  tail.parts.set(offset, part);
  return part;
}

/** A full part ends with a line where it holds one. */
async function readPart(file: string, offset: number): Promise<LogPart> {
  const bytes = await readBytes(file, offset, PART_BYTES);
  const line = bytes.length === PART_BYTES ? bytes.lastIndexOf(0x0a) + 1 : 0;
  const whole = bytes.subarray(0, line > 0 ? line : wholeCharacters(bytes));
  return { cursor: offset + whole.length, text: whole.toString('utf8') };
}

/** The offset of the first line that begins at `offset` or after it; `offset` where none does. */
async function lineAfter(file: string, offset: number): Promise<number> {
  if (offset === 0) return 0;
  const bytes = await readBytes(file, offset - 1, PART_BYTES);
  const end = bytes.indexOf(0x0a);
  return end < 0 ? offset : offset + end;
}

async function readBytes(file: string, position: number, length: number): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** How many bytes from the beginning are whole characters of UTF-8; what is no UTF-8 at all counts as whole. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
