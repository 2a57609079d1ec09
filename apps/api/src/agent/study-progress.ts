/** How far a study is: its trials by state, and how many there will be. */
import { countTrials, nextConfigurationNumber, type Database, type Study } from '@kinetune/storage';
import type { TrialState } from '@kinetune/study';
import { searchPlan, trialsPerConfiguration } from './search-plan.ts';

export interface StudyProgress {
  readonly counts: Readonly<Record<TrialState, number>>;
  /** Trials that there are, and those of the configurations that are still to be proposed. */
  readonly total: number;
}

export async function studyProgress(db: Database, study: Study): Promise<StudyProgress> {
  const counts = await countTrials(db, study.id);
  const existing = Object.values(counts).reduce((sum, trials) => sum + trials, 0);
  const open = searchPlan(study).endConfiguration - (await nextConfigurationNumber(db, study.id));
  const toCome = study.state === 'COMPLETED' ? 0 : Math.max(0, open) * trialsPerConfiguration(study);
  return { counts, total: existing + toCome };
}
