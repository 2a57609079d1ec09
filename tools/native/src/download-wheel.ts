/** Wheels from the Python index, by pip: it knows the person's index, mirror, proxy and certificates, and checks hashes. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nativeError } from './native-error.ts';
import { lastLines, runCommand, succeeded, type CommandOptions, type CommandResult } from './run-command.ts';

export interface DownloadOptions extends CommandOptions {
  /** An empty folder for the wheels; what pip keeps meanwhile lies in it too. */
  readonly folder: string;
  /** What is said of the size before it is known, in MB. */
  readonly expectedMegabytes: number;
  readonly report: (line: string) => void;
}

/** The Python whose wheels are asked for. Its version is of no matter to us: only the C libraries are used. */
const WHEEL_PYTHON = '3.11';

const WHEEL_PLATFORMS: Readonly<Record<string, readonly string[]>> = {
  x64: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  arm64: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
};

const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Downloads `requirements` (PEP 508, without their dependencies) and returns the wheels' paths.
 * Throws an `EnvironmentError` (`native-download`) with what pip said.
 */
export async function downloadWheels(
  requirements: readonly string[],
  options: DownloadOptions,
): Promise<readonly string[]> {
  const wheels = join(options.folder, 'wheels');
  const scratch = join(options.folder, 'pip');
  await mkdir(wheels, { recursive: true });
  await mkdir(scratch, { recursive: true });
  const platforms = (WHEEL_PLATFORMS[process.arch] ?? []).flatMap((platform) => ['--platform', platform]);
  const args = ['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--disable-pip-version-check'];
  args.push('--only-binary=:all:', '--implementation', 'cp', '--python-version', WHEEL_PYTHON, ...platforms);
  args.push('--dest', wheels, ...requirements);

  const finished = new AbortController();
  const progress = reportProgress(requirements, options, finished.signal);
  let result: CommandResult;
  try {
    result = await runCommand('python3', args, { ...options, env: { ...options.env, TMPDIR: scratch } });
  } finally {
    finished.abort();
    await progress;
  }
  if (!succeeded(result)) throw downloadError(requirements, result);
  const names = (await readdir(wheels)).filter((name) => name.endsWith('.whl')).sort();
  if (names.length < requirements.length) {
    throw downloadError(requirements, result, `pip reported success but left ${names.length} wheels in ${wheels}`);
  }
  return names.map((name) => join(wheels, name));
}

/** pip says nothing useful to a pipe, so the growth of its files is watched instead. */
async function reportProgress(
  requirements: readonly string[],
  { folder, expectedMegabytes, report }: DownloadOptions,
  finished: AbortSignal,
): Promise<void> {
  const what = requirements.length === 1 ? requirements[0] : `${requirements.length} CUDA packages`;
  report(`Downloading ${what} from the Python index, about ${expectedMegabytes} MB`);
  let before = 0;
  for (;;) {
    try {
      await sleep(PROGRESS_INTERVAL_MS, undefined, { signal: finished });
    } catch {
      return;
    }
    const megabytes = Math.round((await folderSize(folder)) / 1e6);
    if (megabytes > before) report(`  ${megabytes} of about ${expectedMegabytes} MB`);
    before = megabytes;
  }
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0));
  return sizes.reduce((total, size) => total + size, 0);
}

function downloadError(requirements: readonly string[], result: CommandResult, problem?: string): Error {
  const said = result.outcome === 'ended' ? result.stdout + result.stderr : '';
  const tried = `python3 -m pip download ${requirements.join(' ')}`;
  const common = { details: `pip said:\n${lastLines(result)}` };
  if (/No space left on device|Errno 28/.test(said)) {
    return nativeError({
      code: 'native-disk-full',
      problem: `The disk filled up during ${tried}`,
      remedy: 'KINETUNE_NATIVE=/a/folder/with/space npx nx run native:build',
      ...common,
    });
  }
  return nativeError({
    code: 'native-download',
    problem: problem ?? `Tried: ${tried}\nThe Python index could not be reached, or does not offer this release.`,
    remedy:
      'PIP_INDEX_URL=https://your.index/simple npx nx run native:build' +
      ' (or, with a libtensorflow of your own: KINETUNE_LIBTENSORFLOW=/its/folder npx nx run native:build)',
    ...common,
  });
}
