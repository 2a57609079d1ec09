/** `node tools/native/main.mjs`: sets TensorFlow up, or finds that it is. Also `npx nx run native:build`. */
import { parseArgs } from 'node:util';
import { EnvironmentError } from '@kinetune/study/errors';
import { ensureNative, type ReadyNative } from './ensure-native.ts';

const HELP = `Usage: node tools/native/main.mjs [--json] [--help]

Obtains TensorFlow's C library, builds the addon of @tensorflow/tfjs-node-gpu against it, checks it by running one
operation and keeps the result in a cache. Does nothing when that is already done.

  --json   print where everything is as JSON on standard output, progress on standard error
  --help   print this

Environment
  KINETUNE_NATIVE         the cache folder            (default \${XDG_CACHE_HOME:-~/.cache}/kinetune/native)
  KINETUNE_LIBTENSORFLOW  a folder with a libtensorflow of your own: libtensorflow.so.2 or libtensorflow_cc.so.2,
                          and include/                (default: the wheel from the Python index, by pip download)
  KINETUNE_TENSORFLOW     cpu or gpu                  (default: gpu where nvidia-smi lists one, else cpu)
  pip's own, such as PIP_INDEX_URL, PIP_CERT and HTTPS_PROXY, apply to the download.

Exit status: 0 ready; 1 it could not be set up, and the last line is the command that mends it; 2 wrong usage;
130 interrupted.
`;

const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(args: readonly string[]): Promise<number> {
  let values: { readonly help?: boolean; readonly json?: boolean };
  try {
    const options = { help: { type: 'boolean' }, json: { type: 'boolean' } } as const;
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const progress = values.json ? process.stderr : process.stdout;
  const interruption = new AbortController();
  let exitCodeOnSignal: number | undefined;
  for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(signal, () => {
      exitCodeOnSignal ??= exitCode;
      interruption.abort(new Error(`interrupted by ${signal}`));
    });
  }
  try {
    const ready = await ensureNative({
      env: process.env,
      signal: interruption.signal,
      report: (line) => progress.write(`${line}\n`),
    });
    process.stdout.write(values.json ? describeAsJson(ready) : describe(ready));
    return 0;
  } catch (error) {
    if (exitCodeOnSignal !== undefined) {
      process.stderr.write('Interrupted; nothing half-made is left behind.\n');
      return exitCodeOnSignal;
    }
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function describe({ paths, stamp }: ReadyNative): string {
  const isDisappointing = stamp.device === 'CPU' && paths.source.kind === 'wheel' && paths.source.variant === 'gpu';
  const warning = isDisappointing
    ? 'Warning: this is the GPU build, but TensorFlow found no GPU it can use (an outdated driver?): it runs on the CPU.\n'
    : '';
  return `TensorFlow ${stamp.tensorflowVersion} is ready, on the ${stamp.device}: ${paths.folder}\n${warning}`;
}

function describeAsJson({ paths, stamp }: ReadyNative): string {
  const { folder, addon } = paths;
  const { tensorflowVersion, device } = stamp;
  return `${JSON.stringify({ folder, addon, tensorflowVersion, device }, null, 2)}\n`;
}

process.exitCode = await main(process.argv.slice(2));
