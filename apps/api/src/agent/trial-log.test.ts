import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTrialLog } from './trial-log.ts';

it('keeps the attempts of a trial one after the other, within its bound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trial-log-'));
  const file = join(folder, 'study', 'trial-0000.log');
  for (const text of ['first\n', 'second\n']) {
    using log = openTrialLog(file, 20);
    log.write(text);
  }
  {
    using log = openTrialLog(file, 20);
    log.write(`${'x'.repeat(100)}\n`);
    log.write('more\n');
  }
  const text = readFileSync(file, 'utf8');
  expect(text.startsWith('first\nsecond\nxxxxxxx')).toBe(true);
  expect(text).toContain('its bound of 20 bytes is reached');
  expect(text).not.toContain('more');
  rmSync(folder, { recursive: true });
});
