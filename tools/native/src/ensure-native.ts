/** Makes libtensorflow and the addon ready in the cache, once. */
import { nativeCacheFolder, nativePaths, type NativePaths } from '@kinetune/models/native';
import type { NativeBuildOptions } from './build-native.ts';
import { chooseSource } from './choose-source.ts';
import { readValidStamp, type NativeStamp } from './native-stamp.ts';

export interface ReadyNative {
  readonly paths: NativePaths;
  readonly stamp: NativeStamp;
}

/** The ready build, made first if need be. Throws `EnvironmentError`s whose messages end with the command that mends. */
export async function ensureNative(options: NativeBuildOptions): Promise<ReadyNative> {
  const source = await chooseSource(options);
  const paths = nativePaths(source, options.env);
  const ready = await readReady(paths);
  if (ready) return ready;

  // Loaded only when there is something to do: every training and every test run passes here.
  const [{ checkRequirements }, { acquireNativeLock }, { buildNative, removeLeftovers }] = await Promise.all([
    import('./check-requirements.ts'),
    import('./native-lock.ts'),
    import('./build-native.ts'),
  ]);
  await checkRequirements(source, options);
  const cache = nativeCacheFolder(options.env);
  await using _lock = await acquireNativeLock(cache, {
    signal: options.signal,
    onWait: (pid) => options.report(`Waiting for process ${pid}, which is setting up TensorFlow in ${cache}`),
  });
  await removeLeftovers(cache);
  // Whoever held the lock may have made this very build.
  const madeMeanwhile = await readReady(paths);
  if (madeMeanwhile) return madeMeanwhile;
  await buildNative(paths, options);
  const made = await readReady(paths);
  if (!made) throw new Error(`The build in ${paths.folder} was changed by someone else while it was published`);
  return made;
}

async function readReady(paths: NativePaths): Promise<ReadyNative | undefined> {
  const stamp = await readValidStamp(paths);
  return stamp && { paths, stamp };
}
