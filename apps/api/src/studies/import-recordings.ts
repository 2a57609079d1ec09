/** Imports recordings for studies to come: windows in the cache, a split by people, baselines, a record in the database. */
import { IMPORT_KINDS, locateDataset, type ImportKind } from '@kinetune/data';
import { findDataset, type Database, type Dataset } from '@kinetune/storage';
import { dataSpec, didYouMean, InputError, invariant, type DataSpec, type FieldProblem } from '@kinetune/study';
import { inspectDataset, type Inspection } from './inspect-dataset.ts';
import { prepareData } from './prepare-data.ts';

export interface ImportRequest {
  /** Absolute, and allowed already. */
  readonly path: string;
  /** As in a study file, and unchecked. */
  readonly kind: string | undefined;
  readonly csv: unknown;
  readonly window: unknown;
  /** Without it the published split where there is one, else five folds by people. */
  readonly split: unknown;
  /** Look alone. */
  readonly isDryRun: boolean;
}

export interface ImportedRecordings {
  readonly inspection: Inspection;
  /** Null for a look alone. */
  readonly dataset: Dataset | null;
}

/** @throws InputError naming the field for what cannot be, and file and line for what cannot be imported, cut or split. */
export async function importRecordings(
  request: ImportRequest,
  { db, home }: { readonly db: Database; readonly home: string },
): Promise<ImportedRecordings> {
  const { path, isDryRun } = request;
  const kind = await kindOf(request);
  const spec = specOf({ ...request, kind });
  const isSplitStated = request.split !== undefined;
  const inspection = await inspectDataset(path, {
    kind,
    csv: spec.csv,
    window: spec.window,
    split: isSplitStated ? spec.split : undefined,
  });
  if (isDryRun) return { inspection, dataset: null };
  const { split, splitProblem } = inspection;
  if (split === null)
    throw fieldRefusal('split-not-possible', 'split', splitProblem ?? 'expected a split that the recordings allow');
  const wanted: DataSpec = isSplitStated ? spec : { ...spec, split: dataSpec.shape.split.parse(defaultSplit(split)) };
  const { windows } = await prepareData(wanted, {
    db,
    home,
    dataFolder: undefined,
    resolvePath: (same) => same,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  const dataset = await findDataset(db, { contentHash: windows.contentHash, spec: wanted });
  invariant(dataset !== undefined, 'a prepared data set is recorded');
  return { inspection, dataset };
}

function defaultSplit({ kind, foldCount }: NonNullable<Inspection['split']>): object {
  return kind === 'official' ? { kind } : { kind, folds: foldCount };
}

async function kindOf({ path, kind, csv }: ImportRequest): Promise<ImportKind> {
  if (kind !== undefined) {
    const known = IMPORT_KINDS.find((one) => one === kind);
    if (known !== undefined) return known;
    throw fieldRefusal(
      'dataset-kind',
      'kind',
      `expected one of ${IMPORT_KINDS.join(', ')}, got ${kind}.${didYouMean(kind, IMPORT_KINDS)}`,
    );
  }
  if (csv !== undefined) return 'csv';
  return (await locateDataset(path)).kind;
}

function specOf({
  path,
  csv,
  window,
  split,
  kind,
}: Omit<ImportRequest, 'kind'> & { readonly kind: ImportKind }): DataSpec {
  const result = dataSpec.safeParse({
    dataset: kind,
    path,
    ...(csv === undefined ? {} : { csv }),
    ...(window === undefined ? {} : { window }),
    ...(split === undefined ? {} : { split }),
  });
  if (result.success) {
    if (kind !== 'csv' && csv !== undefined)
      throw fieldRefusal(
        'csv-not-used',
        'csv',
        `expected options for a CSV only with the kind csv, got the kind ${kind}`,
      );
    return result.data;
  }
  const problems = result.error.issues.map((issue): FieldProblem => ({
    field: issue.path.map(String),
    message: `${issue.path.map(String).join('.')}: ${issue.message.replace(/^Invalid input: /, '')}`,
  }));
  throw new InputError('data-not-read', problems.map(({ message }) => message).join('\n'), { problems });
}

function fieldRefusal(code: string, field: string, message: string): InputError {
  return new InputError(code, message, { problems: [{ field: [field], message }] });
}
