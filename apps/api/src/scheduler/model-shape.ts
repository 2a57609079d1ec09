/** What a study's data look like to a model, as far as it is known before its trials have begun. */
import type { ModelShape } from '@kinetune/models/catalogue';
import type { Database, Study } from '@kinetune/storage';
import { knownShape } from '../studies/known-shape.ts';
import { findStudyData } from '../studies/study-data.ts';

export async function modelShapeOf(db: Database, study: Study): Promise<Partial<ModelShape>> {
  if (study.data === null) return {};
  const found = await findStudyData(db, study);
  if (found === undefined) return knownShape(study.data);
  const { windowLength, channels, labels } = found.summary;
  return { windowLength, channelCount: channels.length, classCount: labels.length };
}
