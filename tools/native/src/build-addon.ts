import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { installCommand } from './install-command.ts';
import { nativeError } from './native-error.ts';
import type { ObtainedLibrary } from './obtain-library.ts';
import { lastLines, runCommand, succeeded, type CommandOptions } from './run-command.ts';

/** `napi_versions` of tfjs-node's package: 6 has everything its binding calls. */
const NODE_API_VERSION = 6;

/**
 * Compiles the binding of `@tensorflow/tfjs-node-gpu` to `addon` (absolute) in one call. Only Node-API is used, so the
 * result serves every Node version; node-gyp is avoided since it fetches Node's own headers from the network.
 */
export async function buildAddon(addon: string, library: ObtainedLibrary, options: CommandOptions): Promise<void> {
  const require = createRequire(import.meta.url);
  const binding = join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'binding');
  const nodeHeaders = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(binding, name));
  const args = ['-O2', '-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API_VERSION}`];
  args.push(`-I${nodeHeaders}`, `-I${library.headers}`, ...sources, ...library.libraries);
  args.push(`-Wl,-rpath,${library.searchPath}`, '-o', addon);
  const result = await runCommand('g++', args, options);
  if (succeeded(result)) return;
  if (result.outcome === 'missing') {
    throw nativeError({
      code: 'native-compiler-missing',
      problem: 'Tried: g++, to build the addon of @tensorflow/tfjs-node-gpu. There is no g++ on the search path.',
      remedy: `${installCommand(['g++'], options.env)} && npx nx run native:build`,
    });
  }
  throw nativeError({
    code: 'native-compile',
    problem: `Tried: g++, to build the addon of @tensorflow/tfjs-node-gpu against ${library.libraries.join(' and ')}.`,
    details: `g++ said:\n${lastLines(result, 12)}`,
    remedy: `${installCommand(['g++'], options.env)} && npx nx run native:build`,
  });
}
