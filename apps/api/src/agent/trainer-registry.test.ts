import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { endLeftTrainers, registerTrainer } from './trainer-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'trainers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startSleeper() {
  const words = ['-e', 'setTimeout(() => {}, 60_000)'];
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  return { child, command: { file: process.execPath, args: words, environment: {} } };
}

it('ends a trainer that an earlier agent left and that does not go by itself', async () => {
  const { child, command } = startSleeper();
  const gone = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  registerTrainer(folder, child.pid as number, command);
  expect(await endLeftTrainers(folder, { limitMs: 200 })).toBe(1);
  expect(await gone).toBe('SIGKILL');
  expect(existsSync(join(folder, `${child.pid}.json`))).toBe(false);
});

it('leaves alone a process that has got the number of a trainer since', async () => {
  const { child } = startSleeper();
  registerTrainer(folder, child.pid as number, { file: '/another/program', args: [], environment: {} });
  expect(await endLeftTrainers(folder, { limitMs: 0 })).toBe(0);
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
});

it('forgets half-written entries and those of processes that are gone', async () => {
  writeFileSync(join(folder, '123.json'), '{"pid": 12');
  registerTrainer(folder, 2 ** 22 + 1, { file: 'x', args: [], environment: {} });
  expect(await endLeftTrainers(folder, { limitMs: 0 })).toBe(0);
  expect(existsSync(join(folder, '123.json'))).toBe(false);
});
