/**
 * One process a database. PGlite does not guard its folder, and two openers corrupt it.
 *
 * The lock is the operating system's own on `database.lock`, taken through SQLite's file locking (`node:sqlite` comes with Node;
 * Node itself has no flock). The kernel ties it to the process: it cannot be taken from a living holder, ends with a dead
 * one however it died, and knows nothing of process ids, which are reused and differ between containers. A lock file made
 * of a pid and a start time was the alternative; taking one over from a dead holder races with a third starter.
 * Who holds it is noted beside it, for the message alone.
 */
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EnvironmentError } from '@kinetune/study';

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Open lock files: one that were collected as garbage would be closed, and the lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock of a home, or fails at once.
 * @throws EnvironmentError `storage-locked` saying who holds it and what to do.
 */
export function lockStorage(home: string): Disposable {
  const file = join(home, 'database.lock');
  const holderFile = join(home, 'database.holder.json');
  const lock = openLock(file, holderFile);
  held.add(lock);
  const temporary = `${holderFile}.${process.pid}`;
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    command: commandLine(),
    since: new Date().toISOString(),
  };
  try {
    writeFileSync(temporary, JSON.stringify(holder));
    renameSync(temporary, holderFile);
  } catch {
    rmSync(temporary, { force: true }); // a full disk, say: the lock holds without the note
  }
  return {
    [Symbol.dispose]() {
      if (!held.delete(lock)) return;
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

/** Who holds a home's database, as far as noted; undefined when nobody does or the note cannot be read. */
export function readLockHolder(home: string): LockHolder | undefined {
  return readHolder(join(home, 'database.holder.json'));
}

function openLock(file: string, holderFile: string): DatabaseSync {
  for (let attempt = 0; ; attempt++) {
    let lock: DatabaseSync | undefined;
    try {
      lock = new DatabaseSync(file, { timeout: 0 });
      // Nothing is ever written: an exclusive transaction that stays open is the lock.
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock?.close();
      const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
      if (code === SQLITE_BUSY) throw lockedError(file, readHolder(holderFile));
      if (code === SQLITE_NOTADB && attempt === 0) {
        truncateSync(file); // Not our writing: we keep it empty. In place, so that the lock stays on the same file.
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new EnvironmentError(
        'storage-lock-failed',
        `could not lock ${file} (${reason}): KINETUNE_HOME has to be a folder on a disk that this user may write to and that knows file locks`,
        { cause: error },
      );
    }
  }
}

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

function lockedError(file: string, holder: LockHolder | undefined): EnvironmentError {
  const who =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`} (${holder.command}), since ${holder.since}`;
  return new EnvironmentError(
    'storage-locked',
    `the database is in use by ${who}: one process at a time may open it. Wait for it or stop it, or choose another folder by KINETUNE_HOME (lock: ${file})`,
  );
}

function readHolder(file: string): LockHolder | undefined {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<LockHolder>;
    const { pid, host, command, since } = read;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof command !== 'string' || typeof since !== 'string')
      return undefined;
    return { pid, host, command, since };
  } catch {
    return undefined;
  }
}

function commandLine(): string {
  return process.argv.slice(1).join(' ').slice(0, 200);
}
