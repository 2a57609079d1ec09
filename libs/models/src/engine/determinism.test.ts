import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = join(import.meta.dirname, '../testing/print-training-fingerprint.ts');

// Philox draws, GEMM blocking and reductions are functions of shapes and the thread count, not of timing: with more
// threads, too, nothing is left to chance.
it.each([
  [1, 1],
  [2, 2],
])('trains to the same bits in fresh processes with %i threads in an op, %i ops at once', async (intra, inter) => {
  const prints = [await fingerprint(intra, inter), await fingerprint(intra, inter)];
  expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(prints).size).toBe(1);
});

async function fingerprint(intraOpThreads: number, interOpThreads: number): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    String(intraOpThreads),
    String(interOpThreads),
  ]);
  return stdout.trim();
}
