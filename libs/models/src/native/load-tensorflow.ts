/**
 * Loads TensorFlow.js over libtensorflow, with the settings that TensorFlow reads only once, as it loads.
 * Only `apps/trainer`, benchmarks, examples and tests may call this: it takes about a second and some 300 MB.
 */
import { createRequire } from 'node:module';
import { EnvironmentError } from '@kinetune/study/errors';
import { locateNative, nativeCandidates } from './locate-native.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');

export interface TensorFlowOptions {
  /** Threads inside one operation; TensorFlow's default is one per core. */
  readonly intraOpThreads?: number;
  /** Operations that may run at once; TensorFlow's default is one per core. */
  readonly interOpThreads?: number;
  /** XLA's automatic clustering, on CPU and GPU. Off unless asked for. */
  readonly useXla?: boolean;
  /** oneDNN's kernels; TensorFlow's default is on for x86-64. */
  readonly useOneDnn?: boolean;
  /** The least severe of TensorFlow's C++ log lines that still reaches standard error. Default `error`. */
  readonly logLevel?: 'info' | 'warning' | 'error' | 'fatal';
}

const LOG_LEVELS = { info: '0', warning: '1', error: '2', fatal: '3' } as const;

let loaded: { readonly tf: TensorFlow; readonly options: TensorFlowOptions } | undefined;

/**
 * The TensorFlow.js module, its `tensorflow` backend selected. A second call returns the same module.
 *
 * Throws an `EnvironmentError` (`native-missing`, `native-unusable`) that names the command which mends it, and an
 * `Error` when a second call asks for other settings than the first, since they can no longer take effect.
 */
export function loadTensorFlow(options: TensorFlowOptions = {}): TensorFlow {
  if (loaded) {
    assertSameSettings(loaded.options, options);
    return loaded.tf;
  }
  const native = locateNative();
  if (!native) throw new EnvironmentError('native-missing', missingMessage());
  applySettings(options);
  const require = createRequire(import.meta.url);
  supplyRemovedNodeFunctions(require);
  supplyAddon(require, native.addon);
  let tf: TensorFlow;
  try {
    tf = require('@tensorflow/tfjs-node-gpu') as TensorFlow;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError(
      'native-unusable',
      `TensorFlow is at ${native.folder} but does not load: ${reason}\nRun: rm -rf ${native.folder} && npx nx run native:build`,
      { cause },
    );
  }
  loaded = { tf, options };
  return tf;
}

function missingMessage(): string {
  const tried = nativeCandidates().map((candidate) => `  ${candidate.stamp}`);
  return `TensorFlow is not set up. Looked for:\n${tried.join('\n')}\nRun: npx nx run native:build`;
}

function assertSameSettings(first: TensorFlowOptions, second: TensorFlowOptions): void {
  for (const [name, value] of Object.entries(second)) {
    const before = first[name as keyof TensorFlowOptions];
    if (value !== undefined && value !== before) {
      throw new Error(
        `TensorFlow is already loaded with ${name} = ${before ?? 'its default'}; it cannot become ${value}`,
      );
    }
  }
}

/** TensorFlow reads these from the process's environment while its libraries load. */
function applySettings(options: TensorFlowOptions): void {
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) process.env[name] = value;
  };
  set('TF_NUM_INTRAOP_THREADS', options.intraOpThreads?.toString());
  set('TF_NUM_INTEROP_THREADS', options.interOpThreads?.toString());
  if (options.useXla !== undefined) {
    set('TF_XLA_FLAGS', options.useXla ? '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' : '');
  }
  if (options.useOneDnn !== undefined) set('TF_ENABLE_ONEDNN_OPTS', options.useOneDnn ? '1' : '0');
  set(
    'TF_CPP_MIN_LOG_LEVEL',
    options.logLevel ? LOG_LEVELS[options.logLevel] : (process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2'),
  );
  // Otherwise a process takes the whole card's memory at once.
  set('TF_FORCE_GPU_ALLOW_GROWTH', process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ?? 'true');
}

/** tfjs-node 4.22.0 calls two functions that Node 23 removed from `node:util`. */
function supplyRemovedNodeFunctions(require: NodeJS.Require): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  // Set even where it still exists: Node 24's own warns at its first use.
  util['isArray'] = Array.isArray;
}

/**
 * tfjs-node asks `@mapbox/node-pre-gyp` for the addon's path, which would name a file inside node_modules. Answering in
 * its place leaves node_modules untouched (nothing to link after `npm ci`, nothing for two processes to race for) and
 * saves loading that installer.
 */
function supplyAddon(require: NodeJS.Require, addon: string): void {
  const fromTfjs = createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const id = fromTfjs.resolve('@mapbox/node-pre-gyp');
  const Module = require('node:module') as typeof import('node:module');
  const answer = new Module(id);
  answer.filename = id;
  answer.loaded = true;
  answer.exports = { find: () => addon };
  require.cache[id] = answer;
}
