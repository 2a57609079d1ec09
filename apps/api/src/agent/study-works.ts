/** What an agent keeps of each study that it trains: its data and program, its pruner, and until when it is left alone. */
import type { Database, Study } from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import { followCurves, type CurveFollower } from './follow-curves.ts';
import { createLivePruner, type LivePruner } from './live-pruner.ts';
import { searchPlan } from './search-plan.ts';
import type { StudyWork } from './study-work.ts';

export type ReadyWork = Extract<StudyWork, { type: 'ready' }>;

export interface StudyWorks {
  /** What it takes to train the study here, prepared once; undefined where it cannot be, which is told, or was stopped meanwhile. */
  prepare(study: Study): Promise<ReadyWork | undefined>;
  /** What has been prepared already. */
  prepared(study: Study): ReadyWork | undefined;
  /** Lets the pruners know what other agents have measured. */
  catchUp(isOwn: (trialId: string) => boolean): Promise<void>;
  /** The study's pruner, kept as long as it prunes in the same way. */
  prunerOf(study: Study): Promise<LivePruner | undefined>;
  /** Something is wrong with it here: it is left alone for a while. */
  leave(study: Study): void;
  isLeft(study: Study): boolean;
}

export interface StudyWorksOptions {
  readonly workOf: (study: Study) => Promise<StudyWork>;
  /** For how long a study is left alone. */
  readonly leaveMs: number;
  readonly onProblem: (error: unknown, study: Study) => void;
  readonly stop: AbortSignal;
}

interface Known {
  readonly key: string;
  readonly work: Promise<StudyWork>;
  ready?: ReadyWork;
}

export function createStudyWorks(db: Database, { workOf, leaveMs, onProblem, stop }: StudyWorksOptions): StudyWorks {
  const works = new Map<string, Known>();
  const pruners = new Map<string, { readonly key: string; readonly pruner: Promise<LivePruner | undefined> }>();
  const followers = new Map<string, CurveFollower>();
  const leftUntilMs = new Map<string, number>();
  const stopped = new Promise<undefined>((resolve) => {
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const isLeft = ({ id }: Study): boolean => performance.now() < (leftUntilMs.get(id) ?? 0);
  const leave = ({ id }: Study): void => void leftUntilMs.set(id, performance.now() + leaveMs);
  const giveUp = (study: Study, problem: unknown): undefined => {
    works.delete(study.id);
    // Slots that waited for the same work tell it once.
    if (isLeft(study)) return;
    leave(study);
    onProblem(problem, study);
  };
  return {
    async prepare(study) {
      const key = keyOf(study);
      let known = works.get(study.id);
      if (known?.key !== key) {
        known = { key, work: workOf(study) };
        known.work.catch(() => {});
        works.set(study.id, known);
      }
      try {
        const work = await Promise.race([known.work, stopped]);
        if (work === undefined) return undefined;
        if (work.type === 'ready') return (known.ready = work);
        const reason = `${study.name} cannot be trained here: ${work.reason}`;
        return giveUp(study, new EnvironmentError('study-not-here', reason));
      } catch (error) {
        return giveUp(study, error);
      }
    },
    prepared(study) {
      const known = works.get(study.id);
      return known?.key === keyOf(study) ? known.ready : undefined;
    },
    prunerOf(study) {
      const plan = searchPlan(study);
      const key = JSON.stringify([plan.pruner, plan.firstConfiguration]);
      const known = pruners.get(study.id);
      if (known?.key === key) return known.pruner;
      const from = study.eventSequence;
      const pruner = createLivePruner(db, study, plan.pruner);
      pruners.set(study.id, { key, pruner });
      followers.delete(study.id);
      pruner.then(
        (made) => {
          if (made !== undefined) followers.set(study.id, followCurves(db, study, { pruner: made, from }));
        },
        () => pruners.delete(study.id),
      );
      return pruner;
    },
    async catchUp(isOwn) {
      for (const follower of followers.values()) await follower.catchUp(isOwn);
    },
    leave,
    isLeft,
  };
}

/** Changes with all that is prepared. */
function keyOf({ splitHash, data, folds, trainer }: Study): string {
  return JSON.stringify([splitHash, data, folds, trainer]);
}
