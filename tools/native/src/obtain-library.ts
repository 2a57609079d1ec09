import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TENSORFLOW_VERSION, type NativeSource, type TensorFlowVariant } from '@kinetune/models/native';
import { downloadWheels, type DownloadOptions } from './download-wheel.ts';
import { nativeError } from './native-error.ts';
import { unpackWheel, type UnpackedFile, type UnpackOptions } from './unpack-wheel.ts';

/** libtensorflow and its headers, ready to link against. */
export interface ObtainedLibrary {
  /** Absolute paths of the shared libraries, the C API's first. */
  readonly libraries: readonly string[];
  /** Absolute folder with `tensorflow/c/c_api.h`. */
  readonly headers: string;
  /** Where the addon looks for the libraries at run time. */
  readonly searchPath: string;
  /** What was unpacked into the build, for its stamp; empty when the libraries stay where the person keeps them. */
  readonly files: readonly UnpackedFile[];
}

/** Sizes of the downloads, said before pip knows them, and of what they need on the disk, in MB. */
export const WHEEL_MEGABYTES: Readonly<
  Record<TensorFlowVariant, { readonly download: number; readonly disk: number }>
> = {
  cpu: { download: 274, disk: 1_300 },
  gpu: { download: 572, disk: 12_000 },
};
const CUDA_PACKAGES_MEGABYTES = 2_500;

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** The C API's headers and what they include. */
const WANTED_HEADERS =
  /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl)\/.*\.h$/;
const WANTED_LIBRARIES = /^tensorflow\/libtensorflow_(cc|framework)\.so\.\d+$/;
/** CUDA's libraries, and the compiler and bitcode that XLA looks for beside them. */
const WANTED_CUDA = /^nvidia\/([^/]+\/lib\/.+\.so[.\d]*|cuda_nvcc\/(bin|nvvm)\/.+)$/;

/** Obtains what `source` names; a wheel's files go to `build` in the wheel's own layout. */
export async function obtainLibrary(
  source: NativeSource,
  build: string,
  download: Omit<DownloadOptions, 'expectedMegabytes'>,
): Promise<ObtainedLibrary> {
  return source.kind === 'folder' ? findInFolder(source.folder) : fromWheel(source.variant, build, download);
}

async function fromWheel(
  variant: TensorFlowVariant,
  build: string,
  download: Omit<DownloadOptions, 'expectedMegabytes'>,
): Promise<ObtainedLibrary> {
  // On 64-bit ARM the one wheel named tensorflow is the CPU build.
  const name = variant === 'cpu' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  const expectedMegabytes = WHEEL_MEGABYTES[variant].download;
  const requirement = `${name}==${TENSORFLOW_VERSION}`;
  const wheels = await downloadWheels([requirement], { ...download, expectedMegabytes });
  download.report('Unpacking its libraries and headers');
  const isWanted = (path: string) =>
    WANTED_LIBRARIES.test(path) || WANTED_HEADERS.test(path) || path.endsWith('.dist-info/METADATA');
  const unpacked = await unpack(wheels[0]!, build, { signal: download.signal, isWanted });
  const libraries = LIBRARIES.map((library) => `tensorflow/${library}`);
  const missing = [...libraries, 'tensorflow/include/tensorflow/c/c_api.h'].filter(
    (path) => !unpacked.some((file) => file.path === path),
  );
  if (missing.length > 0) {
    throw wheelError(`The wheel of ${requirement} should hold ${missing.join(', ')}, and does not.`);
  }
  const files = unpacked.filter((file) => WANTED_LIBRARIES.test(file.path));
  if (variant === 'gpu') {
    const metadata = unpacked.find((file) => file.path.endsWith('METADATA'))!;
    const requirements = cudaRequirements(await readFile(join(build, metadata.path), 'utf8'));
    files.push(...(await unpackCuda(requirements, build, download)));
  }
  return {
    libraries: libraries.map((path) => join(build, path)),
    headers: join(build, 'tensorflow', 'include'),
    searchPath: '$ORIGIN/tensorflow',
    files,
  };
}

/** The NVIDIA packages that the wheel names for its `and-cuda` extra, as requirements without the marker. */
export function cudaRequirements(metadata: string): readonly string[] {
  return metadata
    .split(/\r?\n/)
    .flatMap((line) => /^Requires-Dist: (nvidia-[^;]+);.*extra == ["']and-cuda["']/.exec(line)?.[1]?.trim() ?? []);
}

async function unpackCuda(
  requirements: readonly string[],
  build: string,
  download: Omit<DownloadOptions, 'expectedMegabytes'>,
): Promise<readonly UnpackedFile[]> {
  const wheels = await downloadWheels(requirements, {
    ...download,
    folder: join(download.folder, 'cuda'),
    expectedMegabytes: CUDA_PACKAGES_MEGABYTES,
  });
  const files: UnpackedFile[] = [];
  for (const wheel of wheels) {
    const isWanted = (path: string) => WANTED_CUDA.test(path);
    files.push(...(await unpack(wheel, build, { signal: download.signal, isWanted })));
  }
  return files;
}

async function unpack(
  wheel: string,
  folder: string,
  options: Omit<UnpackOptions, 'folder'>,
): Promise<readonly UnpackedFile[]> {
  try {
    return await unpackWheel(wheel, { folder, ...options });
  } catch (cause) {
    // The disk's and the person's reasons to stop are not the wheel's fault.
    if (options.signal.aborted || (cause as NodeJS.ErrnoException).code !== undefined) throw cause;
    throw wheelError(
      `The wheel ${basename(wheel)} should be a zip, and cannot be read: ${(cause as Error).message}.`,
      cause,
    );
  }
}

function wheelError(problem: string, cause?: unknown): Error {
  return nativeError({
    code: 'native-wheel',
    problem,
    remedy: 'PIP_INDEX_URL=https://your.index/simple npx nx run native:build',
    cause,
  });
}

/** Accepts the published C library's layout (include/, lib/) and an installed wheel's (tensorflow/, with include/). */
async function findInFolder(named: string): Promise<ObtainedLibrary> {
  const remedy = 'unset KINETUNE_LIBTENSORFLOW && npx nx run native:build';
  const fail = (found: string) =>
    nativeError({
      code: 'native-folder',
      problem:
        `KINETUNE_LIBTENSORFLOW=${named} should be a folder with libtensorflow.so.2 or libtensorflow_cc.so.2 ` +
        `and include/tensorflow/c/c_api.h; ${found}.`,
      remedy,
    });
  const folder = await realpath(named).catch(() => undefined);
  if (folder === undefined) throw fail('there is no such folder');
  const places = ['.', 'lib', 'tensorflow'].map((place) => join(folder, place));
  const find = (names: readonly string[]) =>
    firstFile(places.flatMap((place) => names.map((name) => join(place, name))));
  const library = await find(['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow.so']);
  if (library === undefined) throw fail('it has no such library');
  const framework = await find(['libtensorflow_framework.so.2', 'libtensorflow_framework.so']);
  const header = await firstFile(places.map((place) => join(place, 'include', 'tensorflow', 'c', 'c_api.h')));
  if (header === undefined) throw fail('it has no such header');
  return {
    libraries: framework === undefined ? [library] : [library, framework],
    headers: join(header, '..', '..', '..'),
    searchPath: join(library, '..'),
    files: [],
  };
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}
