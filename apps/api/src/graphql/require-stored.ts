/** What an input names by its id, or a refusal that says so. */
import { findStudy, findTrial, type Database, type Study, type Trial } from '@kinetune/storage';
import { Refused } from './refusal.ts';

export async function requireStudy(db: Database, id: string): Promise<Study> {
  const study = await findStudy(db, id);
  if (study !== undefined) return study;
  throw new Refused('unknown-study', `expected the id of a study, got ${id}: no study has it`, ['studyId']);
}

export async function requireTrial(db: Database, id: string): Promise<Trial> {
  const trial = await findTrial(db, id);
  if (trial !== undefined) return trial;
  throw new Refused('unknown-trial', `expected the id of a trial, got ${id}: no trial has it`, ['trialId']);
}
