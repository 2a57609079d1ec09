import { EnvironmentError, InputError } from '@kinetune/study';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../archive/sha256.ts';
import { importDataset } from '../import/import-dataset.ts';
import { writeError } from './download-error.ts';
import { downloadFile } from './download-file.ts';
import type { DownloadOptions } from './download-file.ts';
import { lockFile } from './file-lock.ts';
import { PUBLIC_DATASET_NAMES, PUBLIC_DATASETS } from './public-datasets.ts';
import type { PublicDataset, PublicDatasetName } from './public-datasets.ts';

export interface FetchDatasetOptions extends DownloadOptions {
  /** KINETUNE_HOME; the file goes to `<home>/datasets/<name>/`. */
  readonly home: string;
  /** Another place that holds the same files, e.g. `http://mirror/har/`. */
  readonly baseUrl?: string | undefined;
  /** What the file must hash to, where the user knows. */
  readonly sha256?: string | undefined;
}

export interface FetchedDataset {
  /** The archive as published; import it with `importDataset`. */
  readonly path: string;
  readonly url: string;
  readonly bytes: number;
  /** Of what came; kept beside the file, so that a later download can be compared. */
  readonly sha256: string;
  readonly source: 'cache' | 'download';
}

/**
 * Fetches a public data set from its official address, checks that it imports, and puts it in place in one step: a file that is
 * there is whole.
 * @throws InputError for an unknown name; EnvironmentError where it cannot be had (`download-refused`, `download-failed`,
 * `download-corrupted`, `download-busy`, `disk-full`, `cannot-write`)
 */
export async function fetchPublicDataset(name: string, options: FetchDatasetOptions): Promise<FetchedDataset> {
  if (!isPublicDatasetName(name)) {
    throw new InputError('dataset-unknown', `expected one of ${PUBLIC_DATASET_NAMES.join(', ')}, got "${name}".`);
  }
  const dataset: PublicDataset = PUBLIC_DATASETS[name];
  const folder = join(options.home, 'datasets', name);
  const path = join(folder, dataset.fileName);
  const url = addressOf(dataset.fileName, options.baseUrl ?? dataset.baseUrl);
  const wantedSha256 = checkSha256(options.sha256);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeError(folder, error);
  });
  await using _lock = await lockFile(path);
  const kept = (await readKept(path)) ?? (await readPlacedByHand(path, dataset));
  if (kept !== undefined && (wantedSha256 === undefined || wantedSha256 === kept.sha256)) return kept;

  const part = await downloadFile(url, path, options).catch((error: unknown) => {
    if (!(error instanceof EnvironmentError) || !error.code.startsWith('download-')) throw error;
    throw new EnvironmentError(
      error.code,
      `${error.message} Or get ${dataset.fileName} by hand from ${dataset.page}, and put it at ${path}.`,
      { cause: error },
    );
  });
  const sha256 = await sha256OfFile(part.path);
  try {
    if (wantedSha256 !== undefined && wantedSha256 !== sha256) {
      throw new InputError('checksum', `expected sha256 ${wantedSha256}, got ${sha256}.`, { file: part.path });
    }
    await importDataset(part.path, { kind: dataset.kind });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await part.discard();
    throw new EnvironmentError(
      'download-corrupted',
      `${url}: what came is not the data set: ${error.message} It has been removed; run the same command again, or get it by hand from ${dataset.page}.`,
      { cause: error },
    );
  }
  const fetched: FetchedDataset = { path, url, bytes: (await stat(part.path)).size, sha256, source: 'download' };
  try {
    await writeFile(receiptPath(path), `${JSON.stringify({ url, bytes: fetched.bytes, sha256 }, undefined, 2)}\n`);
    await rename(part.path, path);
  } catch (error) {
    throw writeError(path, error);
  }
  await part.discardFacts();
  return fetched;
}

function isPublicDatasetName(name: string): name is PublicDatasetName {
  return (PUBLIC_DATASET_NAMES as readonly string[]).includes(name);
}

function addressOf(fileName: string, baseUrl: string): string {
  const url = URL.parse(encodeURIComponent(fileName), baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InputError('base-url', `expected an address that starts with http:// or https://, got "${baseUrl}".`);
  }
  return url.href;
}

/** Lower case, as we write it; checked before a byte is fetched. */
function checkSha256(sha256: string | undefined): string | undefined {
  if (sha256 === undefined || /^[0-9a-f]{64}$/i.test(sha256)) return sha256?.toLowerCase();
  throw new InputError('sha256', `expected a sha256 of 64 hexadecimal digits, got "${sha256.slice(0, 80)}".`);
}

function receiptPath(path: string): string {
  return `${path}.source.json`;
}

/** A file that somebody put in place; it counts if it imports. */
async function readPlacedByHand(path: string, dataset: PublicDataset): Promise<FetchedDataset | undefined> {
  const facts = await stat(path).catch(() => undefined);
  const hasReceipt = await stat(receiptPath(path)).then(
    () => true,
    () => false,
  );
  if (facts === undefined || hasReceipt) return undefined;
  try {
    await importDataset(path, { kind: dataset.kind });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  return { path, url: dataset.page, bytes: facts.size, sha256: await sha256OfFile(path), source: 'cache' };
}

/** The file of an earlier fetch, if it still is what came then. */
async function readKept(path: string): Promise<FetchedDataset | undefined> {
  try {
    const { url, bytes, sha256 } = JSON.parse(await readFile(receiptPath(path), 'utf8')) as FetchedDataset;
    const isSame = (await stat(path)).size === bytes && (await sha256OfFile(path)) === sha256;
    return isSame ? { path, url, bytes, sha256, source: 'cache' } : undefined;
  } catch {
    return undefined;
  }
}
