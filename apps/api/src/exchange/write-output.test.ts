import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeOutput } from './write-output.ts';

describe('an export', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kinetune-output-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function* text(): AsyncGenerator<string> {
    yield* ['one\n', 'two\n'];
  }
  async function* broken(): AsyncGenerator<string> {
    yield 'one\n';
    throw new Error('the database is gone');
  }

  it('replaces a file once it is whole, also where a link leads to it', async () => {
    const [file, link] = [join(folder, 'file.csv'), join(folder, 'link.csv')];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    await expect(writeOutput(broken(), file, '--output')).rejects.toThrow('the database is gone');
    expect(readFileSync(file, 'utf8')).toBe('old');
    await writeOutput(text(), link, '--output');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['file.csv', 'link.csv']);
  });

  it('goes into a pipe, which stays one', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    await writeOutput(text(), pipe, '--output');
    expect(await read).toBe('one\ntwo\n');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it.each(['.', 'none/file.csv'])('is refused where no file can be: %s', async (name) => {
    await expect(writeOutput(text(), join(folder, name), '--output')).rejects.toMatchObject({
      code: 'not-a-file',
      message: expect.stringMatching(/^--output: expected a file /),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
