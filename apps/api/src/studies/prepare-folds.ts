/** A study's data for each fold that it trains on: another split, other baselines, the same windows. */
import { createHash } from 'node:crypto';
import { prepareData, type PreparedData, type PrepareOptions } from './prepare-data.ts';
import type { PreparedStudy } from './prepare-study-data.ts';

export interface PreparedFolds {
  /** By fold. */
  readonly folds: ReadonlyMap<number, PreparedData>;
  /** Over all of them: equal hashes mean that results can be compared. */
  readonly splitHash: string;
}

/** `data` is the study's own fold, prepared already. */
export async function prepareFolds(
  study: Pick<PreparedStudy, 'data' | 'folds'>,
  data: PreparedData,
  options: PrepareOptions,
): Promise<PreparedFolds> {
  const { split } = study.data;
  const own = 'fold' in split ? split.fold : 0;
  if (study.folds === null || !('fold' in split)) {
    return { folds: new Map([[own, data]]), splitHash: data.manifestHash };
  }
  const folds = new Map<number, PreparedData>();
  for (const fold of study.folds) {
    const spec = { ...study.data, split: { ...split, fold } };
    folds.set(fold, fold === own ? data : await prepareData(spec, options));
  }
  const manifests = [...folds.values()].map(({ manifestHash }) => manifestHash);
  return { folds, splitHash: createHash('sha256').update(manifests.join(' ')).digest('hex') };
}
