import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('trains by hand to an accuracy that chance does not reach', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'train-by-hand.ts')]);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(10);
  const [loss, accuracy] = (lines.at(-1)?.match(/validation loss ([\d.]+), accuracy ([\d.]+) %/) ?? [])
    .slice(1)
    .map(Number);
  expect(loss).toBeLessThan(0.6);
  expect(accuracy).toBeGreaterThan(85);
});
