/**
 * A build is made in a folder of its own beside its final place and gets its name in one rename, so whoever looks sees a
 * whole build or none, whatever interrupts this one.
 */
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { nativeCacheFolder, nativePaths, type NativePaths, type NativeSource } from '@kinetune/models/native';
import { buildAddon } from './build-addon.ts';
import { checkAddon } from './check-addon.ts';
import { nativeError } from './native-error.ts';
import { writeStamp } from './native-stamp.ts';
import { obtainLibrary } from './obtain-library.ts';

export interface NativeBuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Receives lines of progress, for people. */
  readonly report: (line: string) => void;
}

/** Builds what `paths` names and publishes it there. The caller holds the lock. */
export async function buildNative(paths: NativePaths, options: NativeBuildOptions): Promise<void> {
  const { source } = paths;
  const cache = nativeCacheFolder(options.env);
  const workshop = await mkdtemp(join(cache, leftoverPrefix()));
  // Its own little cache, so that the check loads the build in the way everyone will.
  const env = { ...options.env, KINETUNE_NATIVE: workshop, ...variantOf(source) };
  const unfinished = nativePaths(source, env);
  try {
    await mkdir(unfinished.folder);
    const download = { ...options, folder: join(workshop, 'download') };
    const library = await obtainLibrary(source, unfinished.folder, download);
    await rm(download.folder, { recursive: true, force: true });
    options.report('Building the addon with g++');
    await buildAddon(unfinished.addon, library, options);
    await rm(join(unfinished.folder, 'tensorflow', 'include'), { recursive: true, force: true });

    options.report('Checking it with one operation');
    const files = [...library.files, { path: 'tfjs_binding.node', sizeBytes: (await stat(unfinished.addon)).size }];
    if (source.kind === 'folder') {
      for (const path of library.libraries) files.push({ path, sizeBytes: (await stat(path)).size });
    }
    await writeStamp(unfinished, { tensorflowVersion: 'unchecked', device: 'CPU', files });
    const checked = await checkAddon({ env, signal: options.signal });
    await writeStamp(unfinished, { ...checked, files });
    await publish(unfinished.folder, paths.folder, workshop);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') throw diskFull(cache, cause);
    throw cause;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Keeps the check from preferring another variant. */
function variantOf(source: NativeSource): Record<string, string> {
  return source.kind === 'wheel' ? { KINETUNE_TENSORFLOW: source.variant } : {};
}

/** On the disk first, then under its name; an older build that no longer fits steps aside. */
async function publish(from: string, to: string, workshop: string): Promise<void> {
  // What was unpacked is on the disk already.
  await syncToDisk(join(from, 'tfjs_binding.node'));
  await syncToDisk(from);
  await rename(to, join(workshop, 'replaced')).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(from, to);
  await syncToDisk(join(to, '..'));
}

/** A file's content, or a folder's names. */
async function syncToDisk(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

function leftoverPrefix(): string {
  return `.building-${hostname()}-`;
}

const FOREIGN_LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Under the lock no builder of this machine is alive; another machine's folder on a shared disk gets a day. */
export async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.building-')) continue;
    const path = join(cache, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0);
    if (name.startsWith(leftoverPrefix()) || age > FOREIGN_LEFTOVER_AGE_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function diskFull(cache: string, cause: unknown): Error {
  return nativeError({
    code: 'native-disk-full',
    problem: `The disk of ${cache} filled up while TensorFlow was being set up.`,
    remedy: 'KINETUNE_NATIVE=/a/folder/with/space npx nx run native:build',
    cause,
  });
}
