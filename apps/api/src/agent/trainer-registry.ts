/**
 * The trainers that live, one small file each in the home folder. A trainer whose agent was killed reads the end of its
 * input and exits; until it has, nobody else may write to its trial's checkpoints. The next start waits for it here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainerCommand } from './trainer-process.ts';

/** Notes a trainer; the returned function forgets it. */
export function registerTrainer(folder: string, pid: number, command: TrainerCommand): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pid}.json`);
  writeFileSync(file, JSON.stringify({ pid, command: [command.file, ...command.args] }));
  return () => rmSync(file, { force: true });
}

/**
 * Waits until the trainers that an earlier agent left are gone, and ends those that are not within `limitMs`. A process
 * that has got the number of one since then, and runs something else, is left alone. Call it holding the home's lock.
 */
export async function endLeftTrainers(folder: string, { limitMs }: { readonly limitMs: number }): Promise<number> {
  let ended = 0;
  for (const name of listFolder(folder)) {
    const file = join(folder, name);
    const left = readEntry(file);
    const deadline = performance.now() + limitMs;
    while (left !== undefined && isRunning(left)) {
      if (performance.now() > deadline) {
        process.kill(left.pid, 'SIGKILL');
        ended++;
        await sleep(100);
        break;
      }
      await sleep(50);
    }
    rmSync(file, { force: true });
  }
  return ended;
}

/** Folders of the agents of this process. */
const own = new Set<string>();

/**
 * Makes ready the folder that an agent notes its trainers in, once those that earlier agents of this machine left are gone. Where
 * several agents may live on one home each has a folder of its own, `<host>-<pid>-<number>`; those of other machines are theirs to mend.
 */
export async function openTrainerRegistry(
  folder: string,
  { isShared, limitMs }: { readonly isShared: boolean; readonly limitMs: number },
): Promise<string> {
  if (!isShared) {
    await endLeftTrainers(folder, { limitMs });
    return folder;
  }
  const host = hostname();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = name.startsWith(`${host}-`) ? Number(/^-(\d+)-\d+$/.exec(name.slice(host.length))?.[1] ?? NaN) : NaN;
    const isLiving = pid === process.pid ? own.has(name) : isProcess(pid);
    if (Number.isNaN(pid) || isLiving) continue;
    await endLeftTrainers(join(folder, name), { limitMs });
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  const name = `${host}-${process.pid}-${own.size}`;
  own.add(name);
  return join(folder, name);
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

interface Entry {
  readonly pid: number;
  readonly command: readonly string[];
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return [];
  }
}

function readEntry(file: string): Entry | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Entry;
    return Number.isInteger(entry.pid) && entry.pid > 1 && Array.isArray(entry.command) ? entry : undefined;
  } catch {
    // Half written by an agent that was killed at that moment: its trainer has had no trial yet.
    return undefined;
  }
}

function isRunning({ pid, command }: Entry): boolean {
  return commandLineOf(pid) === command.join(' ');
}

/** The words of a process's command line; undefined when there is no such process, or only its remains. */
function commandLineOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.slice(0, -1).join(' ');
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
