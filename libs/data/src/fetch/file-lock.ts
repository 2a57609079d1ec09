import { open, readFile, rm, stat } from 'node:fs/promises';
import { EnvironmentError } from '@kinetune/study';
import { systemCode, writeError } from './download-error.ts';

/** Between making a lock and writing to it lie microseconds; a process killed there leaves an empty lock behind. */
const STARTING_MS = 10_000;

/**
 * Keeps a second process from writing to the same file: `<path>.lock` holds the owner's process id. A lock whose owner no
 * longer runs is taken over; a living owner's never is.
 * @throws EnvironmentError `download-busy`
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  const lockPath = `${path}.lock`;
  for (let take = 0; ; take++) {
    try {
      await using handle = await open(lockPath, 'wx');
      await handle.writeFile(`${process.pid}\n`);
      return { [Symbol.asyncDispose]: () => rm(lockPath, { force: true }) };
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeError(lockPath, error);
      const owner = (await readFile(lockPath, 'utf8').catch(() => '')).trim();
      if (take > 0 || isRunning(Number(owner)) || (owner === '' && (await isFresh(lockPath)))) {
        throw new EnvironmentError(
          'download-busy',
          `${path}: expected to be alone, but process ${owner || '(just starting)'} is fetching the same file. Wait for it, or remove ${lockPath} if it is gone.`,
        );
      }
      await rm(lockPath, { force: true });
    }
  }
}

/** An owner that has not written its id yet is not a dead one. */
async function isFresh(lockPath: string): Promise<boolean> {
  const facts = await stat(lockPath).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs < STARTING_MS;
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0); // asks, sends nothing
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
