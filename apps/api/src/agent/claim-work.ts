/** How a free slot comes to its next trial: of the study most in need that this machine can train. */
import {
  claimTrial,
  countSlots,
  studyLoads,
  type Database,
  type Slot,
  type Study,
  type StudyLoad,
  type Trial,
} from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import { claimOrder } from '../scheduler/claim-order.ts';
import type { SlotTrainer } from './slot-trainer.ts';
import type { ReadyWork, StudyWorks } from './study-works.ts';

/** A claimed trial with all that its attempt needs. */
export interface Claimed {
  readonly trial: Trial;
  readonly study: Study;
  readonly work: ReadyWork;
}

export interface ClaimOptions {
  readonly agentId: string;
  readonly works: StudyWorks;
  /** An agent that gave no sign of life for so long is taken for dead, ms. */
  readonly silentForMs: number;
  /** This study alone. */
  readonly only: string | undefined;
  /** Whether studies are held to their parallelism. */
  readonly isParallelismKept: boolean;
  /** Claim nothing of a study whose trials ran on other code than ours. */
  readonly mustMatchCode: boolean;
  readonly stop: AbortSignal;
  readonly onProblem: (error: unknown, study: Study) => void;
}

/** `isPatient`: see `claimOrder`. Undefined where nothing is to be trained now. */
export type Claim = (slot: Slot, trainer: SlotTrainer, isPatient: boolean) => Promise<Claimed | undefined>;

export function createClaim(db: Database, options: ClaimOptions): Claim {
  const { agentId, works, only, isParallelismKept, mustMatchCode, stop, onProblem } = options;
  let claiming: Promise<unknown> = Promise.resolve();

  const candidates = async (isPatient: boolean): Promise<readonly StudyLoad[]> => {
    const loads = (await studyLoads(db)).filter(({ study }) => (only ?? study.id) === study.id && !works.isLeft(study));
    if (only !== undefined) return loads.filter(({ queued }) => queued > 0);
    const { slots } = loads.length > 1 ? await countSlots(db, options) : { slots: 0 };
    return claimOrder(loads, { slots, isPatient });
  };
  /** A trial of the study most in need that the same program trains. */
  const claimOfEqual = async (
    work: ReadyWork,
    { isPatient, ...claimant }: { readonly slotId: string; readonly device: string; readonly isPatient: boolean },
  ): Promise<Claimed | undefined> => {
    for (const { study } of await candidates(isPatient)) {
      if (stop.aborted) return undefined;
      const own = works.prepared(study);
      // It came to be in greater need while the trainer started: it is prepared first, lest others get its slots.
      if (own === undefined) return undefined;
      if (JSON.stringify(own.command) !== JSON.stringify(work.command)) continue;
      const { folds } = own;
      try {
        const trial = await claimTrial(db, {
          ...claimant,
          studyId: study.id,
          agentId,
          mostRunning: isParallelismKept ? study.parallelism : null,
          fingerprintOf: (fold) => folds.get(fold)?.fingerprint,
          code: mustMatchCode ? ([...folds.values()][0]?.fingerprint ?? {}) : undefined,
        });
        if (trial !== undefined) return { trial, study, work: own };
      } catch (error) {
        if (!(error instanceof EnvironmentError && error.code === 'code-differs')) throw error;
        works.leave(study);
        onProblem(error, study);
      }
    }
    return undefined;
  };
  return async (slot, trainer, isPatient) => {
    for (const { study: first } of await candidates(isPatient)) {
      if (stop.aborted) return undefined;
      const work = await works.prepare(first);
      if (work === undefined) continue;
      let ready: Awaited<ReturnType<SlotTrainer['readyFor']>>;
      try {
        ready = await trainer.readyFor(work.command);
      } catch (error) {
        works.leave(first);
        onProblem(error, first);
        continue;
      }
      if (ready === undefined || stop.aborted) return undefined;
      // Slot after slot, so that each sees what the one before it took. The trainer took its time: others may be in greater need now.
      const { device } = ready.ready;
      const claimed = claiming.then(() => claimOfEqual(work, { slotId: slot.id, device, isPatient }));
      claiming = claimed.catch(() => {});
      const found = await claimed;
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
