import { mkdir, statfs } from 'node:fs/promises';
import { nativeCacheFolder, type NativeSource } from '@kinetune/models/native';
import { findProgram, installCommand, type SystemPackage } from './install-command.ts';
import { nativeError } from './native-error.ts';
import { WHEEL_MEGABYTES } from './obtain-library.ts';
import { runCommand, succeeded, type CommandOptions } from './run-command.ts';

/** The oldest C library that the wheels run on (their tag is manylinux_2_27). */
const OLDEST_GLIBC = [2, 27] as const;

/** Refuses at once what would fail after a long download: the platform, missing programs (all named together), the disk. */
export async function checkRequirements(source: NativeSource, options: CommandOptions): Promise<void> {
  checkPlatform(source);
  await checkPrograms(source, options);
  await checkCacheFolder(source, options.env);
}

function checkPlatform(source: NativeSource): void {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64' && platform !== 'linux-arm64') {
    throw nativeError({
      code: 'native-platform',
      problem: `TensorFlow's C library is set up on linux-x64 and linux-arm64; this machine is ${platform}.`,
      remedy: 'docker run -it --rm -v "$PWD":/kinetune -w /kinetune node:24-bookworm npx nx run native:build',
    });
  }
  if (source.kind === 'folder') return;
  const glibc = glibcVersion();
  const [major, minor] = OLDEST_GLIBC;
  const isRecent = glibc && (glibc[0]! > major || (glibc[0] === major && glibc[1]! >= minor));
  if (!isRecent) {
    throw nativeError({
      code: 'native-platform',
      problem: `The published TensorFlow needs glibc ${major}.${minor} or newer; this system has ${glibc?.join('.') ?? 'another C library'}.`,
      remedy: 'KINETUNE_LIBTENSORFLOW=/folder/of/a/build/for/this/system npx nx run native:build',
    });
  }
}

function glibcVersion(): readonly number[] | undefined {
  // Without this, the report looks up the names of open connections, which can take seconds.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime?.split('.').map(Number);
}

async function checkPrograms(source: NativeSource, options: CommandOptions): Promise<void> {
  const missing: SystemPackage[] = [];
  const tried: string[] = [];
  if (findProgram('g++', options.env) === undefined) {
    missing.push('g++');
    tried.push('g++ (builds the addon): not on the search path');
  }
  if (source.kind === 'wheel') {
    const pip = await runCommand('python3', ['-m', 'pip', '--version'], options);
    if (!succeeded(pip)) {
      if (pip.outcome === 'missing') missing.push('python');
      missing.push('pip');
      tried.push(`python3 -m pip (downloads TensorFlow): ${pip.outcome === 'missing' ? 'no python3' : 'no pip'}`);
    }
  }
  if (missing.length === 0) return;
  throw nativeError({
    code: 'native-programs',
    problem: 'Setting up TensorFlow needs programs that are not here. Tried:',
    details: tried.map((line) => `  ${line}`).join('\n'),
    remedy: `${installCommand(missing, options.env)} && npx nx run native:build`,
  });
}

async function checkCacheFolder(source: NativeSource, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = nativeCacheFolder(env);
  const remedy = 'KINETUNE_NATIVE=/a/folder/with/space npx nx run native:build';
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const problem = `The cache folder ${folder} cannot be made: ${(cause as Error).message}.`;
    throw nativeError({ code: 'native-cache-folder', problem, remedy, cause });
  }
  const { bavail, bsize } = await statfs(folder);
  const freeMegabytes = Math.floor((bavail * bsize) / 1e6);
  const neededMegabytes = source.kind === 'wheel' ? WHEEL_MEGABYTES[source.variant].disk : 10;
  if (freeMegabytes < neededMegabytes) {
    const problem = `Setting up TensorFlow needs about ${neededMegabytes} MB in ${folder}; ${freeMegabytes} MB are free.`;
    throw nativeError({ code: 'native-disk-full', problem, remedy });
  }
}
