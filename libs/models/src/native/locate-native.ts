/**
 * Where libtensorflow and the addon of `@tensorflow/tfjs-node-gpu` lie once `tools/native` has made them ready: the one
 * definition of that folder layout, shared by the tool that writes it and the loader that reads it.
 *
 *   <cache>/<key>/ready.json          written last, before the folder gets this name: its presence means whole
 *   <cache>/<key>/tfjs_binding.node   finds the libraries relative to itself
 *   <cache>/<key>/tensorflow/…, nvidia/…   the wheel's own layout, which its libraries' search paths rely on
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { EnvironmentError } from '@kinetune/study/errors';

/** The release whose C API the binding is built against. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The release of `@tensorflow/tfjs-node-gpu` whose binding is built; libs/models pins the same one. */
export const TFJS_VERSION = '4.22.0';

const TENSORFLOW_VARIANTS = ['gpu', 'cpu'] as const;
export type TensorFlowVariant = (typeof TENSORFLOW_VARIANTS)[number];

/** A library obtained from the Python index, or a folder that the person named. */
export type NativeSource =
  | { readonly kind: 'wheel'; readonly variant: TensorFlowVariant }
  | { readonly kind: 'folder'; readonly folder: string };

export interface NativePaths {
  readonly source: NativeSource;
  /** Absolute folder of one ready build. */
  readonly folder: string;
  readonly addon: string;
  /** `ready.json`: what was built, from what. */
  readonly stamp: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder that holds one folder per build: `KINETUNE_NATIVE`, else `$XDG_CACHE_HOME/kinetune/native`. */
export function nativeCacheFolder(env: Environment = process.env): string {
  if (env['KINETUNE_NATIVE']) return resolve(env['KINETUNE_NATIVE']);
  // The XDG specification: a relative XDG_CACHE_HOME is to be ignored.
  const xdg = env['XDG_CACHE_HOME'];
  const cache = xdg && isAbsolute(xdg) ? xdg : join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'kinetune', 'native');
}

/** The paths of the build made from `source`, whether or not it exists. */
export function nativePaths(source: NativeSource, env: Environment = process.env): NativePaths {
  const origin =
    source.kind === 'wheel'
      ? `tensorflow-${TENSORFLOW_VERSION}-${source.variant}`
      : `folder-${createHash('sha256').update(resolve(source.folder)).digest('hex').slice(0, 16)}`;
  const key = `${origin}-tfjs-${TFJS_VERSION}-${process.platform}-${process.arch}`;
  const folder = join(nativeCacheFolder(env), key);
  return { source, folder, addon: join(folder, 'tfjs_binding.node'), stamp: join(folder, 'ready.json') };
}

/** The variant that `KINETUNE_TENSORFLOW` asks for; undefined when it is not set. Throws on anything but cpu and gpu. */
export function wantedVariant(env: Environment = process.env): TensorFlowVariant | undefined {
  const wanted = env['KINETUNE_TENSORFLOW'];
  if (!wanted) return undefined;
  const variant = TENSORFLOW_VARIANTS.find((known) => known === wanted);
  if (variant) return variant;
  const problem = `KINETUNE_TENSORFLOW should be cpu or gpu; it is ${wanted}.`;
  throw new EnvironmentError('native-variant', `${problem}\nRun: unset KINETUNE_TENSORFLOW && npx nx run native:build`);
}

/**
 * The builds that may be loaded, the preferred first: the folder in `KINETUNE_LIBTENSORFLOW` and nothing else when it is
 * set; otherwise the GPU build (it runs without a GPU too), then the CPU build. `KINETUNE_TENSORFLOW=cpu|gpu` keeps one.
 */
export function nativeCandidates(env: Environment = process.env): readonly NativePaths[] {
  const folder = env['KINETUNE_LIBTENSORFLOW'];
  if (folder) return [nativePaths({ kind: 'folder', folder }, env)];
  const wanted = wantedVariant(env);
  const variants = wanted ? [wanted] : TENSORFLOW_VARIANTS;
  return variants.map((variant) => nativePaths({ kind: 'wheel', variant }, env));
}

/** The build to load, or undefined while none is ready. */
export function locateNative(env: Environment = process.env): NativePaths | undefined {
  return nativeCandidates(env).find((candidate) => existsSync(candidate.stamp) && existsSync(candidate.addon));
}
