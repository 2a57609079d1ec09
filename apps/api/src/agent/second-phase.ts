/** From exploring to exploiting in one study: the space is refined from what was found, or the phase waits and says for what. */
import type { RefinedSpace } from '@kinetune/search';
import { addSpaceVersion, countTrials, lockStudy, type Database, type Study } from '@kinetune/storage';
import { gatherReport } from '../report/gather-report.ts';
import { hasSecondPhaseBegun } from './search-plan.ts';

export type SecondPhase =
  /** The study has none, it is under way, or trials are still to be trained before it. */
  | { readonly type: 'none' }
  | { readonly type: 'begun'; readonly study: Study; readonly check: RefinedSpace; readonly override: string | null }
  | { readonly type: 'refused'; readonly check: RefinedSpace };

/** Call it when the first phase has nothing left to propose. */
export async function beginSecondPhase(db: Database, study: Study): Promise<SecondPhase> {
  const { exploit } = study;
  if (exploit === null || hasSecondPhaseBegun(study)) return { type: 'none' };
  const { QUEUED, RUNNING, FAILED } = await countTrials(db, study.id);
  if (QUEUED + RUNNING + FAILED > 0) return { type: 'none' };
  const { refinedSpace: check } = await gatherReport(db, study);
  const { space } = check.numbers;
  if (space === null && exploit.override === null) return { type: 'refused', check };
  // A reason to go on does not say where the best lies: what was explored is searched on.
  const next = await lockStudy(db, study.id, async (tx, now) =>
    hasSecondPhaseBegun(now) ? undefined : addSpaceVersion(tx, study.id, space ?? study.space, { phase: 'exploit' }),
  );
  if (next === undefined) return { type: 'none' }; // another process has begun it meanwhile
  return { type: 'begun', study: next, check, override: space === null ? exploit.override : null };
}
