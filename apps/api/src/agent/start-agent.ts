/**
 * The agent: owns this machine's slots, and for each that is free claims a trial of whatever running study is most in need, trains it
 * and says how it ended. All it shares with scheduler and other agents is the database and the store.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  claimTrial,
  registerAgent,
  releaseTrial,
  stopAgent,
  studyLoads,
  type Database,
  type Slot,
  type Study,
  type StudyLoad,
  type Trial,
  type TrialWriter,
} from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import type { SlotDevice } from '../devices/slot-plan.ts';
import { createBell, type Bell } from '../scheduler/bell.ts';
import { inOrderOfNeed } from '../scheduler/fair-shares.ts';
import { schedulingTimes, type SchedulingTimes } from '../scheduler/scheduling-times.ts';
import { holdTrials } from './held-trials.ts';
import { createLivePruner, type LivePruner } from './live-pruner.ts';
import { runAttempt } from './run-attempt.ts';
import type { RunEvent } from './run-event.ts';
import { searchPlan } from './search-plan.ts';
import { createSlotTrainer, trainerRegistry, type SlotTrainer } from './slot-trainer.ts';
import type { StudyWork } from './study-work.ts';
import { endLeftTrainers, forgetEndedAgents } from './trainer-registry.ts';
import type { Limits } from './trial-run.ts';

/** A slot to offer: what it is, and how a trainer is told. */
export type SlotOffer = Pick<SlotDevice, 'device' | 'environment'>;

export interface AgentOptions {
  readonly db: Database;
  /** Whether other processes may have the database open. */
  readonly isShared: boolean;
  /** Folder of this machine's own state: living trainers. */
  readonly home: string;
  /** Folder of checkpoints and logs, which every agent on the database reads and writes: `home` unless it is another one. */
  readonly store?: string;
  readonly slots: readonly SlotOffer[];
  /** What it takes to train a study here; asked once for each study, and again after `times.retryMs` where it is not here. */
  readonly workOf: (study: Study) => Promise<StudyWork>;
  /** First signal: trials are stopped, and given back with what they have. Second: at once. */
  readonly stop: AbortSignal;
  readonly stopNow: AbortSignal;
  readonly limits: Limits;
  /** Rung when a slot becomes free; shared with the scheduler of this process. */
  readonly bell?: Bell;
  /** This study alone, whatever its parallelism says. */
  readonly only?: string;
  readonly onEvent?: (event: RunEvent, study: Study) => void;
  /** The first signal came while so many trials were trained. */
  readonly onStopping?: (running: number) => void;
  /**
   * What went wrong: a study that cannot be trained here, a trainer that does not start, a database that is away. It is tried again.
   * Where it throws, the agent stops and `done` rejects with what it threw.
   */
  readonly onProblem: (error: unknown, study?: Study) => void;
  readonly times?: SchedulingTimes;
}

export interface Agent extends AsyncDisposable {
  readonly id: string;
  readonly slots: readonly Slot[];
  /** Trials that are trained now. */
  readonly running: number;
  /** Resolves once it has stopped, as `stop` asks: no trainer is left, and no trial is RUNNING here. */
  readonly done: Promise<void>;
}

/** A claimed trial with all that its attempt needs. */
interface Claimed {
  readonly trial: Trial;
  readonly study: Study;
  readonly work: Extract<StudyWork, { type: 'ready' }>;
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { db, isShared, home, store = home, limits, onEvent = () => {}, bell = createBell(), only } = options;
  const times = options.times ?? schedulingTimes();
  const registry = trainerRegistry(home, isShared ? `${hostname()}-${process.pid}` : undefined);
  if (isShared) await forgetEndedAgents(join(home, 'trainers'), { limitMs: 10_000 });
  await endLeftTrainers(registry, { limitMs: 10_000 });
  const halt = new AbortController();
  const stop = AbortSignal.any([options.stop, halt.signal]);
  const agent = await registerAgent(db, {
    host: hostname(),
    pid: process.pid,
    devices: options.slots.map(({ device }) => device),
  });
  const held = holdTrials(db, { agentId: agent.id, ...times });
  const works = new Map<string, { readonly key: string; readonly work: Promise<StudyWork>; isOver: boolean }>();
  const pruners = new Map<string, { readonly key: string; readonly pruner: Promise<LivePruner | undefined> }>();
  const waitsUntil = new Map<string, number>();
  let claiming: Promise<unknown> = Promise.resolve();
  let fatal: { readonly error: unknown } | undefined;

  /** Tells of what went wrong; whoever is told may end the agent by throwing. */
  const onProblem = (problem: unknown, study?: Study): void => {
    try {
      options.onProblem(problem, study);
    } catch (error) {
      fatal ??= { error };
      halt.abort();
    }
  };

  const pause = (ms: number): Promise<void> => createBell().wait(0, ms, stop);
  const leaveFor = (study: Study, ms: number): void => void waitsUntil.set(study.id, performance.now() + ms);
  const workOf = async (study: Study): Promise<Extract<StudyWork, { type: 'ready' }> | undefined> => {
    const key = JSON.stringify([study.splitHash, study.data, study.folds, study.trainer]);
    let known = works.get(study.id);
    if (known?.key !== key || known.isOver) {
      known = { key, work: options.workOf(study), isOver: false };
      works.set(study.id, known);
    }
    const work = await known.work;
    if (work.type === 'ready') return work;
    known.isOver = true;
    if (performance.now() >= (waitsUntil.get(study.id) ?? 0)) {
      leaveFor(study, times.retryMs * 3);
      onProblem(new EnvironmentError('study-not-here', `${study.name} cannot be trained here: ${work.reason}`), study);
    }
    return undefined;
  };
  const prunerOf = (study: Study): Promise<LivePruner | undefined> => {
    const plan = searchPlan(study);
    const key = JSON.stringify([plan.pruner, plan.firstConfiguration]);
    const known = pruners.get(study.id);
    if (known?.key === key) return known.pruner;
    const pruner = createLivePruner(db, study, plan.pruner);
    pruners.set(study.id, { key, pruner });
    return pruner;
  };
  /** The studies that have a trial to claim, the one most in need first. */
  const candidates = async (): Promise<readonly StudyLoad[]> => {
    const now = performance.now();
    const loads = (await studyLoads(db)).filter(
      ({ study, queued, running }) =>
        queued > 0 &&
        (only === undefined ? running < (study.parallelism ?? Infinity) : study.id === only) &&
        now >= (waitsUntil.get(study.id) ?? 0),
    );
    return inOrderOfNeed(loads.map((load) => ({ ...load, priority: load.study.priority, has: load.running })));
  };
  const claim = async (slot: Slot, trainer: SlotTrainer): Promise<Claimed | undefined> => {
    for (const { study: first } of await candidates()) {
      if (stop.aborted) return undefined;
      const work = await workOf(first);
      if (work === undefined) continue;
      let ready: Awaited<ReturnType<SlotTrainer['readyFor']>>;
      try {
        ready = await trainer.readyFor(work.command);
      } catch (error) {
        leaveFor(first, times.retryMs * 3);
        onProblem(error, first);
        continue;
      }
      if (ready === undefined || stop.aborted) return undefined;
      // Slot after slot, so that each sees what the one before it took. The trainer took its time: others may be in greater need now.
      const { device } = ready.ready;
      const claimed = claiming.then(() => claimOfEqual(work, { slotId: slot.id, device }));
      claiming = claimed.catch(() => {});
      const found = await claimed;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  /** A trial of the study most in need that the same program trains. */
  const claimOfEqual = async (
    work: Extract<StudyWork, { type: 'ready' }>,
    claimant: { readonly slotId: string; readonly device: string },
  ): Promise<Claimed | undefined> => {
    for (const { study } of await candidates()) {
      if (stop.aborted) return undefined;
      const known = works.get(study.id);
      const own = known === undefined || known.isOver ? undefined : await known.work;
      if (own?.type !== 'ready' || JSON.stringify(own.command) !== JSON.stringify(work.command)) continue;
      const trial = await claimTrial(db, {
        ...claimant,
        studyId: study.id,
        agentId: agent.id,
        mostRunning: only === undefined ? study.parallelism : null,
      });
      if (trial !== undefined) return { trial, study, work: own };
    }
    return undefined;
  };
  const train = async ({ trial, study, work }: Claimed, trainer: SlotTrainer): Promise<void> => {
    const ready = await trainer.readyFor(work.command);
    const writer: TrialWriter = { trialId: trial.id, fencingToken: trial.fencingToken };
    if (ready === undefined) return giveBack(writer, study);
    try {
      await runAttempt(
        {
          db,
          study,
          folds: work.folds,
          pruner: await prunerOf(study),
          prunedFrom: searchPlan(study).firstConfiguration,
          checkpointFolderOf: ({ id }) => join(store, 'checkpoints', id),
          logFileOf: (of) => trialLogFile(store, study.name, of),
          limits,
          onEvent: (event) => onEvent(event, study),
        },
        trial,
        { trainer: ready, renewTrainer: () => trainer.readyFor(work.command), stop, hold: held.hold },
      );
    } catch (error) {
      onProblem(error, study);
      await giveBack(writer, study);
      await trainer[Symbol.asyncDispose]();
    }
    if (ready.ready.trialsPerProcess === 'one') await trainer.shutDown();
  };
  /** The attempt broke off: nobody else takes the trial while we live, so that it is given back as soon as the database is there. */
  const giveBack = async (writer: TrialWriter, study: Study): Promise<void> => {
    for (;;) {
      try {
        await releaseTrial(db, writer, `its agent could not go on with ${study.name}`);
        return;
      } catch {
        // Alone on the database the next start takes it back.
        if (!isShared || options.stopNow.aborted) return;
        await createBell().wait(0, times.pollMs, options.stopNow);
      }
    }
  };
  const runSlot = async (slot: Slot, trainer: SlotTrainer): Promise<void> => {
    while (!stop.aborted) {
      const { rings } = bell;
      try {
        const claimed = await claim(slot, trainer);
        if (claimed !== undefined) {
          await train(claimed, trainer);
          bell.ring();
          continue;
        }
      } catch (error) {
        onProblem(error);
        await pause(times.pollMs);
      }
      await bell.wait(rings, times.pollMs, stop);
    }
    await trainer.shutDown();
  };

  const onStop = (): void => options.onStopping?.(held.count);
  options.stop.addEventListener('abort', onStop, { once: true });
  const trainers = options.slots.map(({ environment }) => createSlotTrainer({ registry, environment, limits, stop }));
  const killAll = (): void => trainers.forEach((trainer) => trainer.kill());
  options.stopNow.addEventListener('abort', killAll);
  const run = async (): Promise<void> => {
    await Promise.all(agent.slots.map((slot, index) => runSlot(slot, trainers[index] as SlotTrainer)));
    held[Symbol.dispose]();
    await Promise.all(trainers.map((trainer) => trainer[Symbol.asyncDispose]()));
    options.stop.removeEventListener('abort', onStop);
    options.stopNow.removeEventListener('abort', killAll);
    if (fatal !== undefined) throw fatal.error;
    // A database that is away learns of it by our silence.
    await stopAgent(db, agent.id).catch(onProblem);
  };
  const done = run();
  done.catch(() => {});
  bell.ring();
  return {
    id: agent.id,
    slots: agent.slots,
    get running() {
      return held.count;
    },
    done,
    async [Symbol.asyncDispose]() {
      halt.abort();
      await done.catch(() => {});
    },
  };
}

/** Where a trial's log lies. */
function trialLogFile(store: string, study: string, { number, replicate }: Trial): string {
  const sibling = replicate === 0 ? '' : `-${replicate}`;
  return join(store, 'logs', study, `trial-${String(number).padStart(4, '0')}${sibling}.log`);
}
