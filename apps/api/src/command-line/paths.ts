/**
 * Where things are. Nx starts a script in its project's folder, so a relative path is read from the workspace root: the
 * same words mean the same file under `npx nx run api:train --` and as `kinetune train`. A path that exists only beside
 * the person's own folder is found there second.
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** The nearest parent folder of this file that holds `nx.json`. */
export const workspaceRoot: string = findWorkspaceRoot(import.meta.dirname);

function findWorkspaceRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return resolve(import.meta.dirname, '../../../..');
  }
}

/** The absolute path of something that exists or is about to be asked for, as a person typed it. */
export function resolveInputPath(path: string, root: string = workspaceRoot): string {
  if (isAbsolute(path)) return path;
  const fromRoot = resolve(root, path);
  if (existsSync(fromRoot)) return fromRoot;
  for (const folder of [process.env.INIT_CWD, process.cwd()]) {
    if (folder === undefined) continue;
    const candidate = resolve(folder, path);
    if (existsSync(candidate)) return candidate;
  }
  return fromRoot;
}

/** The folder of all state: `--home`, else KINETUNE_HOME, else `.kinetune` in the workspace. */
export function resolveHome(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const stated = option ?? environment.KINETUNE_HOME;
  return resolve(workspaceRoot, stated === undefined || stated === '' ? '.kinetune' : stated);
}
