import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, 'main.mjs');
/** A Node that reads no TypeScript, as Node 20: it has to hand over to the one that npm brought. */
const OLD = ['--no-experimental-strip-types'];

describe.each([
  ['a Node that reads TypeScript', []],
  ['one that does not', OLD],
])('a program started on %s', (_, flags) => {
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [...flags, main, 'apps/api/src/kinetune.ts', ...args], { encoding: 'utf8' });

  it('gets its arguments, and gives its output', () => {
    const { stdout, status } = run('study', 'list', '--help');
    expect(stdout).toContain('Usage: kinetune study list');
    expect(status).toBe(0);
  });

  it('gives its exit code', () => {
    expect(run('trian').status).toBe(2);
  });
});

it('a program on another Node is stopped with its launcher, and its end is told', async () => {
  const script = 'tools/launch/testing/wait.ts';
  const child = spawn(process.execPath, [...OLD, main, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: 143, signal: null });
});
