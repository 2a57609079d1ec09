import { open, readFile, rm } from 'node:fs/promises';
import { EnvironmentError } from '@kinetune/study';
import { systemCode, writeError } from './download-error.ts';

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
      const owner = Number((await readFile(lockPath, 'utf8').catch(() => '')).trim());
      if (take > 0 || isRunning(owner)) {
        throw new EnvironmentError(
          'download-busy',
          `${path}: expected to be alone, but process ${owner} is fetching the same file. Wait for it, or remove ${lockPath} if it is gone.`,
        );
      }
      await rm(lockPath, { force: true });
    }
  }
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
