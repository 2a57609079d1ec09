/** What the database keeps of a study's data: enough to show its findings without the recordings. */
import { findDataHash, findDataset, type Database, type Study } from '@kinetune/storage';
import type { StudyData } from '../findings/gather-findings.ts';
import type { Baseline, DataSummary } from './data-summary.ts';

/** Undefined where no trial of the study has begun, and where its trainer brings its own data. */
export async function findStudyData(db: Database, study: Study): Promise<StudyData | undefined> {
  if (study.data === null) return undefined;
  const contentHash = await findDataHash(db, study.id);
  if (contentHash === undefined) return undefined;
  const found = await findDataset(db, { contentHash, spec: study.data });
  if (found === undefined) return undefined;
  return {
    summary: found.summary as unknown as DataSummary,
    baselines: (found.baselines?.scores ?? []) as readonly Baseline[],
  };
}
