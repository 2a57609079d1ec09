/** Where a path from input may lead: the home, and the folders that the operator allowed by `--allow-data`. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Context } from './context.ts';
import { Refused } from './refusal.ts';

/**
 * The real absolute path of something that exists, links followed; a relative one is read from the home.
 * @throws Refused under `field` for what lies elsewhere, whether or not it exists, and for what does not exist.
 */
export async function allowedPath(
  path: string,
  { home, dataFolders }: Pick<Context, 'home' | 'dataFolders'>,
  field: readonly string[],
): Promise<string> {
  const folders = [home, ...dataFolders];
  const stated = resolve(home, path);
  const outside = new Refused(
    'path-not-allowed',
    `expected a path within the home or a folder that the server was started with (kinetune serve --allow-data <folder>), got ${path}`,
    field,
  );
  // By its words first: whether something elsewhere exists is nobody's business.
  if (path.includes('\0') || !folders.some((folder) => isWithin(folder, stated))) throw outside;
  const missing = new Refused('path-not-found', `expected a file or folder that exists, got ${path}`, field);
  const real = await realpath(stated).catch(() => {
    throw missing;
  });
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  if (!realFolders.some((folder) => isWithin(folder, real))) throw outside;
  return real;
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}
