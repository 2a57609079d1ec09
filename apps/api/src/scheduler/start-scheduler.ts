/**
 * The scheduler: keeps free slots fed with trials of every running study, and ends studies that have nothing left to do. Any number
 * of processes may run one; the one that leads works, and the others take its place when it is gone. What it decides by is read
 * from the database at each look, so that nothing is lost with a leader.
 */
import type { ModelShape } from '@kinetune/models/catalogue';
import {
  countSlots,
  reconcileTrialJobs,
  requeueExpiredLeases,
  requeueLost,
  studyLoads,
  type Database,
  type Study,
  type StudyLoad,
} from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { MAX_FAILURES } from '../agent/settle-attempt.ts';
import { count } from '../terminal/format.ts';
import { createBell, type Bell } from './bell.ts';
import { configurationsToPropose, demandOf } from './demand.ts';
import { endPhase } from './end-phase.ts';
import { fairShares } from './fair-shares.ts';
import { createLeader, soleLeader } from './leader.ts';
import { modelShapeOf } from './model-shape.ts';
import { watchStalled } from './stalled-studies.ts';
import { proposerKey, startProposer, type StudyProposer } from './study-proposer.ts';
import { schedulingTimes, type SchedulingTimes } from './scheduling-times.ts';

export interface SchedulerOptions {
  readonly db: Database;
  /** Whether other processes may have the database open: then only the one that leads schedules. */
  readonly isShared: boolean;
  /** Shared with the agent of this process. */
  readonly bell?: Bell;
  /** This study alone, on every slot there is, whatever its parallelism says. */
  readonly only?: string;
  /** The `only` study has nothing left to train. Without it: see `endPhase`. */
  readonly onRest?: (rest: { readonly isSpaceUsedUp: boolean }) => Promise<unknown>;
  /** What went wrong, with one study or with all; it is tried again. */
  readonly onError: (error: unknown, study?: Study) => void;
  /** What constraints on the model are about; found in the database unless given. */
  readonly shapeOf?: (study: Study) => Promise<Partial<ModelShape>>;
  /** The sampler threads' program; another one in tests. */
  readonly samplerProgram?: URL | undefined;
  readonly times?: SchedulingTimes;
}

/** Disposed: proposes nothing any more, gives the lead back. */
export interface Scheduler extends AsyncDisposable {
  readonly isLeading: boolean;
}

export function startScheduler(options: SchedulerOptions): Scheduler {
  const { db, onError, onRest, bell = createBell() } = options;
  const times = options.times ?? schedulingTimes();
  const leader = options.isShared ? createLeader(db, times) : soleLeader;
  const halt = new AbortController();
  const stop = halt.signal;
  const proposers = new Map<string, StudyProposer>();
  /** What a study's scheduler is busy with; one thing at a time for each study, so that none waits for another's sampler. */
  const busy = new Map<string, Promise<void>>();
  const waitsUntil = new Map<string, number>();
  /** Proposers that have said that the space holds no further configuration, by study. */
  const usedUp = new Map<string, string>();
  const stalled = watchStalled(times.patienceMs);
  let leadsSince: number | undefined;
  let choresAt = -Infinity;
  let reconciledAt = -Infinity;

  const isUsedUp = (study: Study): boolean => usedUp.get(study.id) === proposerKey(study);
  const proposerOf = async (study: Study, slots: number): Promise<StudyProposer> => {
    const known = proposers.get(study.id);
    if (known?.key === proposerKey(study)) return known;
    proposers.delete(study.id);
    await known?.[Symbol.asyncDispose]();
    const shape = await (options.shapeOf ?? ((one) => modelShapeOf(db, one)))(study);
    const parallelism = Math.max(1, Math.min(study.parallelism ?? slots, slots));
    const proposer = await startProposer(db, study, { parallelism, shape, samplerProgram: options.samplerProgram });
    proposers.set(study.id, proposer);
    return proposer;
  };
  const propose = async (study: Study, { configurations, slots }: { configurations: number; slots: number }) => {
    const proposer = await proposerOf(study, slots);
    for (let proposed = 0; proposed < configurations && !stop.aborted && leader.isLeading; proposed++) {
      const proposal = await proposer.propose(study);
      if (proposal === 'space-used-up') usedUp.set(study.id, proposer.key);
      bell.ring();
      if (proposal !== 'proposed') return;
    }
  };
  const inBackground = (study: Study, work: () => Promise<unknown>): void => {
    const done = work()
      .then(() => {})
      .catch((error: unknown) => {
        if (stop.aborted || (error instanceof InputError && error.code === 'study-cancelled')) return;
        waitsUntil.set(study.id, performance.now() + times.retryMs);
        onError(error, study);
      })
      .finally(() => {
        busy.delete(study.id);
        bell.ring();
      });
    busy.set(study.id, done);
  };

  const doChores = async (): Promise<void> => {
    const now = performance.now();
    if (now - choresAt < times.choresMs) return;
    if (options.isShared && leadsSince !== undefined && now - leadsSince > times.silentForMs) {
      // Not at once: after an outage of the database nobody has had the time to give a sign of life.
      const lost = await requeueLost(db, { silentForMs: times.silentForMs, maxFailures: MAX_FAILURES });
      if (lost.length > 0) bell.ring();
    }
    await requeueExpiredLeases(db, { maxFailures: MAX_FAILURES });
    if (now - reconciledAt >= times.reconcileMs) {
      await reconcileTrialJobs(db);
      reconciledAt = now;
    }
    choresAt = now;
  };
  const schedule = async (): Promise<void> => {
    const loads = (await studyLoads(db))
      .filter(({ study }) => options.only === undefined || study.id === options.only)
      .map((load): StudyLoad =>
        options.only === undefined ? load : { ...load, study: { ...load.study, parallelism: null } },
      );
    const { slots, free } = await countSlots(db, times);
    const left = stalled.look(loads, { free, nowMs: performance.now() });
    const demands = new Map(loads.map((load) => [load.study.id, demandOf(load, slots)]));
    const shares = fairShares(
      loads.map(({ study: { id, priority }, running }) => {
        const wanted = demands.get(id)?.wanted ?? 0;
        return { studyId: id, priority, wanted: left.has(id) ? Math.min(running, wanted) : wanted };
      }),
      slots,
    );
    await endIdle(loads);
    for (const load of loads) {
      const { study, queued, running } = load;
      if (busy.has(study.id) || performance.now() < (waitsUntil.get(study.id) ?? 0)) continue;
      const open = isUsedUp(study) ? 0 : (demands.get(study.id)?.open ?? 0);
      if (open === 0 && queued + running === 0) {
        if (onRest !== undefined) inBackground(study, () => onRest({ isSpaceUsedUp: isUsedUp(study) }));
        else inBackground(study, () => end(load));
        continue;
      }
      const configurations = configurationsToPropose(load, { share: shares.get(study.id) ?? 0, open });
      if (configurations > 0) inBackground(study, () => propose(study, { configurations, slots }));
    }
  };
  const end = async ({ study, failed }: StudyLoad): Promise<void> => {
    if ((await endPhase(db, study, stop)) !== 'paused') return;
    const problem = `the machine failed ${count(failed, 'trial')}, without which ${study.name} is not complete: it is paused. Mend the machine and resume it (kinetune train, or resumeStudy over GraphQL); they are tried again then`;
    onError(new EnvironmentError('study-paused', problem), study);
  };
  /** Samplers of studies that do not run any more are ended. */
  const endIdle = async (loads: readonly StudyLoad[]): Promise<void> => {
    const running = new Set(loads.map(({ study }) => study.id));
    for (const [id, proposer] of proposers) {
      if (running.has(id) || busy.has(id)) continue;
      proposers.delete(id);
      usedUp.delete(id);
      await proposer[Symbol.asyncDispose]();
    }
  };
  const loop = async (): Promise<void> => {
    while (!stop.aborted) {
      const { rings } = bell;
      try {
        if (await leader.lead()) {
          leadsSince ??= performance.now();
          await doChores();
          await schedule();
        } else {
          leadsSince = undefined;
          await endIdle([]);
        }
      } catch (error) {
        leadsSince = undefined;
        if (!stop.aborted) onError(error);
        await createBell().wait(0, times.retryMs, stop);
      }
      await bell.wait(rings, times.pollMs, stop);
    }
  };
  const looped = loop();
  return {
    get isLeading() {
      return leadsSince !== undefined && leader.isLeading;
    },
    async [Symbol.asyncDispose]() {
      halt.abort();
      // Samplers first: a proposal under way is not waited for longer than it takes to end it.
      await Promise.all([...proposers.values()].map((proposer) => proposer[Symbol.asyncDispose]()));
      await Promise.all([...busy.values()]);
      await looped;
      await Promise.all([...proposers.values()].map((proposer) => proposer[Symbol.asyncDispose]()));
      await leader[Symbol.asyncDispose]();
    },
  };
}
