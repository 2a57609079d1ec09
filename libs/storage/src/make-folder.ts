import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '@kinetune/study';

/**
 * Makes the folder that a setting names, and those above it.
 * @throws EnvironmentError where it cannot be made, or is something else than a folder.
 */
export function makeFolder(folder: string, setting: 'KINETUNE_HOME' | 'KINETUNE_STORE'): void {
  const missing: string[] = [];
  for (let path = folder; !existsSync(path); path = dirname(path)) missing.unshift(path);
  try {
    // One by one: a recursive mkdir never returns where the file system refuses a folder by ENOENT, as /proc does (Node 24).
    for (const path of missing) makeUnlessThere(path);
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new EnvironmentError(
      setting === 'KINETUNE_HOME' ? 'home-not-writable' : 'store-not-writable',
      `could not make the folder ${folder} (${(error as Error).message}): set ${setting} to a folder that this user may write to`,
      { cause: error },
    );
  }
}

/** Another process may begin on the same home at this moment. */
function makeUnlessThere(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
