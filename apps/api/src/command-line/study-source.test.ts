import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readStudySource } from './study-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'kinetune-study-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a study file on disk', () => {
  it.each([
    ['Latin-1', Buffer.from('name: a\ngoal: Gr\u00f6\u00dfe?\n', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFFname: a\n', 'utf16le')],
  ])('in %s is refused by name, as its letters would be lost', (_, bytes) => {
    const path = join(folder, 'study.yaml');
    writeFileSync(path, bytes);
    expect(() => readStudySource(path)).toThrow(/study\.yaml: expected a study file in UTF-8/);
  });
});
