/** Paths that come over the network: they lead into the home and the folders an operator allowed, and nowhere else. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { InputError } from '@kinetune/study';
import { workspaceRoot } from '../command-line/paths.ts';

export interface AllowedFolders {
  readonly home: string;
  /** Absolute folders that the operator named (`kinetune serve --allow-data`). */
  readonly dataFolders: readonly string[];
}

const MOST_CHARACTERS = 4096;

/**
 * The real path of a file or folder below an allowed one; a relative path is looked for in the workspace, the home, then each folder.
 * Links are resolved first, so that none leads out.
 * @throws InputError for a path outside, one that does not exist, and devices, pipes and sockets. Outside and missing are one
 *   answer: what lies outside is nobody's business.
 */
export async function allowedPath(path: string, { home, dataFolders }: AllowedFolders): Promise<string> {
  if (path === '' || path.length > MOST_CHARACTERS || path.includes('\0') || path.split(/[/\\]/).includes('..'))
    throw new InputError(
      'path-not-allowed',
      `expected a path of at most ${MOST_CHARACTERS} characters without "..", got ${JSON.stringify(path.slice(0, 200))}`,
    );
  const folders = await Promise.all([home, ...dataFolders].map((folder) => realpath(folder).catch(() => undefined)));
  const roots = folders.filter((folder) => folder !== undefined);
  const candidates = isAbsolute(path) ? [path] : [workspaceRoot, ...roots].map((root) => join(root, path));
  for (const candidate of candidates) {
    const real = await realpath(candidate).catch(() => undefined);
    if (real === undefined || !roots.some((root) => real === root || real.startsWith(root + sep))) continue;
    const facts = await stat(real);
    if (facts.isFile() || facts.isDirectory()) return real;
    throw new InputError('path-not-a-file', `expected a file or a folder, got a device, a pipe or a socket: ${path}`);
  }
  throw new InputError(
    'path-not-allowed',
    `expected a file or folder in the home or in a folder that the operator allows, got ${path}: the server is told of more folders by kinetune serve --allow-data <folder>`,
  );
}
