import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { speaksOfMemory, watchMemory } from './out-of-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'kinetune-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const killed = { code: null, signal: 'SIGKILL' } as const;

describe('a process that was ended by SIGKILL', () => {
  it.each([
    ['/proc/vmstat', 'nr_free_pages 12\noom_kill 3\ndrop_pagecache 0\n', 'nr_free_pages 12\noom_kill 4\n'],
    ['memory.events', 'oom 9\noom_kill 0\noom_group_kill 0\n', 'oom 10\noom_kill 1\noom_group_kill 0\n'],
    ['memory.oom_control', 'under_oom 0\noom_kill 0\n', 'under_oom 0\noom_kill 1\n'],
  ])('ran out of memory where the kernel has counted one more since: %s', (name, before, after) => {
    const file = join(folder, name.replaceAll('/', '-'));
    writeFileSync(file, before);
    const watch = watchMemory([file, join(folder, 'missing')]);
    expect(watch.evidence(killed, '')).toBeUndefined();
    writeFileSync(file, after);
    expect(watch.evidence(killed, '')).toBe("the kernel ended it for want of the machine's memory");
    expect(watch.evidence({ code: 137, signal: null }, '')).toBeDefined();
    expect(watch.evidence({ code: 1, signal: null }, '')).toBeUndefined();
    expect(watchMemory([file]).evidence(killed, '')).toBeUndefined();
  });
});

describe('last words', () => {
  it.each([
    'tensorflow.python.framework.errors_impl.ResourceExhaustedError: Graph execution error',
    '2026-01-01 W tensorflow/core/framework: OOM when allocating tensor with shape[1024]',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory allocating',
    'MemoryError',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'OSError: [Errno 12] Cannot allocate memory',
  ])('speak of memory: %s', (words) => {
    expect(speaksOfMemory(words)).toBe(true);
    expect(watchMemory([]).evidence({ code: 1, signal: null }, `begin\n${words}\nend`)).toBe(
      `it died with the words: ${words}`,
    );
  });

  it.each(['Segmentation fault', 'ValueError: memory is a word', 'KeyError: loom'])('do not: %s', (words) => {
    expect(speaksOfMemory(words)).toBe(false);
  });

  it('of a process that ended well mean nothing', () => {
    expect(watchMemory([]).evidence({ code: 0, signal: null }, 'MemoryError was survived')).toBeUndefined();
  });
});
