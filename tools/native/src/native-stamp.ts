/** `ready.json`: what a build consists of. Comparing it with the disk takes a few `stat` calls and no child process. */
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TENSORFLOW_VERSION, TFJS_VERSION, type NativePaths } from '@kinetune/models/native';

/** Raised when the layout or the way of building changes, so that older builds are made anew. */
const RECIPE = 1;

export interface NativeStamp {
  readonly recipe: number;
  readonly tfjsVersion: string;
  /** What was asked of the index, or the folder that was named. */
  readonly source: string;
  readonly tensorflowVersion: string;
  readonly device: 'GPU' | 'CPU';
  /** Paths relative to the build, or absolute where the library stays in the person's folder. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
}

export function describeSource({ source }: NativePaths): string {
  return source.kind === 'folder' ? source.folder : `tensorflow ${TENSORFLOW_VERSION} ${source.variant}`;
}

export async function writeStamp(
  paths: NativePaths,
  content: Omit<NativeStamp, 'recipe' | 'tfjsVersion' | 'source'>,
): Promise<void> {
  const stamp: NativeStamp = { recipe: RECIPE, tfjsVersion: TFJS_VERSION, source: describeSource(paths), ...content };
  await using file = await open(paths.stamp, 'w');
  await file.writeFile(`${JSON.stringify(stamp, null, 2)}\n`);
  await file.sync();
}

/** The stamp of a build that is whole and current; undefined when there is none, or it differs from what is on disk. */
export async function readValidStamp(paths: NativePaths): Promise<NativeStamp | undefined> {
  let stamp: NativeStamp;
  try {
    stamp = JSON.parse(await readFile(paths.stamp, 'utf8')) as NativeStamp;
  } catch {
    return undefined;
  }
  const isCurrent =
    stamp.recipe === RECIPE && stamp.tfjsVersion === TFJS_VERSION && stamp.source === describeSource(paths);
  if (!isCurrent) return undefined;
  for (const file of stamp.files) {
    const path = file.path.startsWith('/') ? file.path : join(paths.folder, file.path);
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== file.sizeBytes) return undefined;
  }
  return stamp;
}
