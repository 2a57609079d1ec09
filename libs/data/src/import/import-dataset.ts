import { InputError } from '@kinetune/study';
import type { FileSource } from '../archive/file-source.ts';
import { openSources } from '../archive/open-sources.ts';
import { openZipSource } from '../archive/zip-source.ts';
import type { Dataset } from '../recording.ts';
import { importContentHash } from './assemble-dataset.ts';
import { csvImporter } from './csv.ts';
import type { CsvOptions } from './csv-options.ts';
import { haptImporter } from './hapt.ts';
import type { HaptOptions } from './hapt.ts';
import type { Importer, Match } from './importer.ts';
import { uciHarImporter } from './uci-har.ts';
import { watchImporter } from './watch.ts';
import { wharfImporter } from './wharf.ts';
import { wisdmImporter } from './wisdm.ts';
import type { WisdmOptions } from './wisdm.ts';

/** `hapt-6` is `hapt` with its six activities, without the postural transitions. */
export const IMPORT_KINDS = ['watch', 'hapt-6', 'hapt', 'wharf', 'uci-har', 'wisdm', 'csv'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export interface ImportOptions extends HaptOptions, WisdmOptions {
  /** Without it the data set is told by its layout. */
  readonly kind?: ImportKind | undefined;
  readonly csv?: CsvOptions | undefined;
}

/** A data set that was found, and not read yet: what a cache needs to know, at the cost of hashing the source. */
export interface LocatedDataset {
  readonly kind: ImportKind;
  /** The archive, or the folder inside of it or of the disk, that holds the data set. */
  readonly place: string;
  /** The `contentHash` that the imported data set will carry. */
  readonly contentHash: string;
}

/**
 * Imports a published data set as it is: from its zip, its unpacked folder, or a folder that holds either. Nothing is written.
 * @throws InputError naming file (`archive!entry`) and line; nothing is half imported
 */
export async function importDataset(path: string, options: ImportOptions = {}): Promise<Dataset> {
  return withDataset(path, options, ({ importer, source, match, importerOptions, located }) =>
    importer.read(source, match, { ...importerOptions, contentHash: located.contentHash }),
  );
}

/** Finds a data set and identifies it, without reading its recordings. @throws InputError as `importDataset` */
export async function locateDataset(path: string, options: ImportOptions = {}): Promise<LocatedDataset> {
  return withDataset(path, options, async ({ located }) => located);
}

const IMPORTERS = [watchImporter, haptImporter, wharfImporter, uciHarImporter, wisdmImporter] as const;

interface Candidate {
  readonly importer: Importer<object>;
  readonly source: FileSource;
  readonly match: Match;
}

interface Found extends Candidate {
  readonly importerOptions: object;
  readonly located: LocatedDataset;
}

async function withDataset<T>(path: string, options: ImportOptions, use: (found: Found) => Promise<T>): Promise<T> {
  if (options.kind !== undefined && !IMPORT_KINDS.includes(options.kind)) {
    throw new InputError(
      'dataset-kind',
      `expected one of the kinds ${IMPORT_KINDS.join(', ')}, got "${options.kind}".`,
    );
  }
  await using opened = await openSources(path);
  await using inner = await openInnerZips(opened.sources);
  const candidates = findCandidates([...opened.sources, ...inner.sources], options.kind);
  const [found, ...others] = candidates;
  if (opened.failures[0] !== undefined && (found === undefined || options.kind === undefined)) throw opened.failures[0];
  if (found === undefined) throw nothingFound(path, options.kind);
  if (others.length > 0) throw ambiguous(path, candidates);
  const { importer, source, match } = found;
  const importerOptions = optionsOf(importer.kind, options);
  const sourceSha256 = await source.sha256(match.entryPaths);
  const kind = options.kind ?? (importer.kind as ImportKind);
  const contentHash = importContentHash(sourceSha256, importer.kind, importerOptions);
  return await use({ ...found, importerOptions, located: { kind, place: placeOf(found), contentHash } });
}

/** The zips inside a published zip have 60 MB at most. */
const MAX_INNER_BYTES = 500_000_000;

/** The UCI pages serve some sets as a zip in a zip; the inner one is opened where the outer has no data set of its own. */
async function openInnerZips(
  sources: readonly FileSource[],
): Promise<AsyncDisposable & { readonly sources: readonly FileSource[] }> {
  const inner: FileSource[] = [];
  let heldBytes = 0;
  for (const source of sources) {
    if (source.kind !== 'archive' || findCandidates([source], undefined).length > 0) continue;
    const zips = source.entries.filter(({ path }) => /^[^/]+\.zip$/i.test(path));
    heldBytes += zips.reduce((sum, { bytes }) => sum + bytes, 0); // all of them stay in memory, to be looked into
    if (heldBytes > MAX_INNER_BYTES) {
      throw new InputError(
        'archive-too-large',
        `expected a data set, or one in a zip, got ${heldBytes} bytes of zips inside a zip. Unpack the outer one and name the file that holds the data set.`,
        { file: source.path },
      );
    }
    for (const { path } of zips) {
      inner.push(await openZipSource(source.place(path), { bytes: await source.read(path) }));
    }
  }
  return {
    sources: inner,
    [Symbol.asyncDispose]: async () => {
      for (const source of inner) await source[Symbol.asyncDispose]();
    },
  };
}

/** CSV files are anybody's: they count when asked for, and where nothing else is found. */
function findCandidates(sources: readonly FileSource[], kind: ImportKind | undefined): Candidate[] {
  const wanted = kind === 'hapt-6' ? 'hapt' : kind;
  const find = (importers: readonly Importer<object>[]): Candidate[] =>
    sources.flatMap((source) =>
      importers.flatMap((importer) => importer.find(source).map((match) => ({ importer, source, match }))),
    );
  if (wanted === 'csv') return find([csvImporter]);
  const found = find(IMPORTERS.filter((importer) => wanted === undefined || importer.kind === wanted));
  return found.length > 0 || wanted !== undefined ? found : find([csvImporter]);
}

function optionsOf(importerKind: string, { kind, activities, maxGapSeconds, csv }: ImportOptions): object {
  switch (importerKind) {
    case 'hapt':
      return { activities: activities ?? (kind === 'hapt-6' ? 'six' : 'all') };
    case 'wisdm':
      return maxGapSeconds === undefined ? {} : { maxGapSeconds };
    case 'csv':
      return csv ?? {};
    default:
      return {};
  }
}

function placeOf({ source, match }: Candidate): string {
  return match.root === '' ? source.path : source.place(match.root.replace(/\/$/, ''));
}

function nothingFound(path: string, kind: ImportKind | undefined): InputError {
  const wanted = [...IMPORTERS, csvImporter].filter(
    (importer) => kind === undefined || importer.kind === (kind === 'hapt-6' ? 'hapt' : kind),
  );
  const layouts = wanted.map((importer) => `${importer.kind} (${importer.layout})`).join('; ');
  return new InputError(
    'dataset-not-found',
    `expected a data set's zip or folder, found none. Looked for ${layouts}. Name the file or folder that holds it.`,
    { file: path },
  );
}

function ambiguous(path: string, candidates: readonly Candidate[]): InputError {
  const list = candidates.map((candidate) => `${candidate.importer.kind} in ${placeOf(candidate)}`).join('; ');
  return new InputError(
    'dataset-ambiguous',
    `expected one data set, found ${candidates.length}: ${list}. Name one of these paths, or say which kind.`,
    { file: path },
  );
}
