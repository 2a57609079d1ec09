/** Finds or makes the recordings that a study's data specification names. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  fetchWatchData,
  generateDataset,
  importDataset,
  locateDataset,
  syntheticContentHash,
  type Dataset,
  type ImportOptions,
} from '@kinetune/data';
import { InputError, invariant, type DataSpec } from '@kinetune/study';

export interface LocateOptions {
  readonly home: string;
  /** `--data`, absolute; never written to. */
  readonly dataFolder: string | undefined;
  /** Makes a path of a study file absolute. */
  readonly resolvePath: (path: string) => string;
  /** What is being done, for people. */
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Recordings that are there and not read yet. */
export interface LocatedRecordings {
  readonly contentHash: string;
  readonly place: string;
  /** Absolute; null for what is generated. */
  readonly path: string | null;
}

/**
 * Looks under the specification's path, else --data, else what `kinetune data fetch` brought; the watch data are fetched.
 * @throws InputError when nothing is there; EnvironmentError when the watch data cannot be fetched.
 */
export async function locateRecordings(spec: DataSpec, options: LocateOptions): Promise<LocatedRecordings> {
  if (spec.dataset === 'synthetic') {
    const { synthetic = {} } = spec;
    return {
      contentHash: syntheticContentHash(synthetic),
      place: 'synthetic recordings',
      path: null,
    };
  }
  const path = await pathOf(spec, options);
  const { contentHash, place } = await locateDataset(path, importOptionsOf(spec));
  return { contentHash, place, path };
}

/** The recordings that were located; this is what takes time. @throws InputError naming file and line. */
export async function readRecordings(spec: DataSpec, path: LocatedRecordings['path']): Promise<Dataset> {
  if (path !== null) return importDataset(path, importOptionsOf(spec));
  invariant(spec.dataset === 'synthetic', 'only what is generated lies nowhere');
  return generateDataset(spec.synthetic ?? {});
}

async function pathOf(spec: DataSpec, options: LocateOptions): Promise<string> {
  const { home, dataFolder, resolvePath, onProgress, signal } = options;
  if (spec.path !== undefined) return existing(resolvePath(spec.path), 'data.path');
  if (spec.dataset === 'watch') {
    const fetched = await fetchWatchData({ home, onProgress, signal });
    return fetched.path;
  }
  if (dataFolder !== undefined) return existing(dataFolder, '--data');
  const name = spec.dataset === 'hapt-6' ? 'hapt' : spec.dataset;
  const fetched = join(home, 'datasets', name);
  if (existsSync(fetched)) return fetched;
  const fetchIt = spec.dataset === 'csv' ? '' : `, or fetch it: kinetune data fetch ${name}`;
  throw new InputError(
    'data-missing',
    `the data set ${spec.dataset} is needed: name the folder or zip that holds it with --data <folder>${fetchIt}`,
  );
}

function existing(path: string, where: string): string {
  if (existsSync(path)) return path;
  throw new InputError('data-missing', `${where}: expected a file or folder, found nothing at ${path}`);
}

function importOptionsOf({ dataset, csv }: DataSpec): ImportOptions {
  invariant(dataset !== 'synthetic', 'synthetic recordings are made, not found');
  return { kind: dataset, ...(csv === undefined ? {} : { csv }) };
}
