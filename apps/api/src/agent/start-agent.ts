/**
 * The agent: owns this machine's slots, and for each that is free claims a trial of whatever running study is most in need, trains it
 * and says how it ended. All it shares with scheduler and other agents is the database and the store.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  makeFolder,
  registerAgent,
  releaseTrial,
  stopAgent,
  type Database,
  type Slot,
  type Study,
  type TrialWriter,
} from '@kinetune/storage';
import { EnvironmentError } from '@kinetune/study';
import type { SlotDevice } from '../devices/slot-plan.ts';
import { createBell, type Bell } from '../scheduler/bell.ts';
import { schedulingTimes, type SchedulingTimes } from '../scheduler/scheduling-times.ts';
import { createClaim, type Claimed } from './claim-work.ts';
import { holdTrials } from './held-trials.ts';
import { runAttempt } from './run-attempt.ts';
import type { RunEvent } from './run-event.ts';
import { searchPlan } from './search-plan.ts';
import { createSlotTrainer, type SlotTrainer } from './slot-trainer.ts';
import type { StudyWork } from './study-work.ts';
import { trialLogFile } from './trial-log-file.ts';
import { createStudyWorks } from './study-works.ts';
import { openTrainerRegistry } from './trainer-registry.ts';
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
  /** This study alone; where nobody else has the database open, whatever its parallelism says. */
  readonly only?: string;
  /** On a shared database: train nothing of a study whose trials ran on other code than ours: results would not be comparable. */
  readonly mustMatchCode?: boolean;
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

/** @throws EnvironmentError where the store cannot be made. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { db, isShared, home, store = home, limits, onEvent = () => {}, bell = createBell(), only } = options;
  const times = options.times ?? schedulingTimes();
  if (store !== home) makeFolder(store, 'KINETUNE_STORE');
  const registry = await openTrainerRegistry(join(home, 'trainers'), { isShared, limitMs: 10_000 });
  const halt = new AbortController();
  const stop = AbortSignal.any([options.stop, halt.signal]);
  const agent = await registerAgent(db, {
    host: hostname(),
    pid: process.pid,
    devices: options.slots.map(({ device }) => device),
  });
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

  const works = createStudyWorks(db, { workOf: options.workOf, leaveMs: 3 * times.retryMs, onProblem, stop });
  const held = holdTrials(db, {
    agentId: agent.id,
    ...times,
    onBeat() {
      // Alone on the database nobody else measures.
      if (isShared && held.count > 0) works.catchUp(held.isHeld).catch(onProblem);
    },
  });
  const claim = createClaim(db, {
    agentId: agent.id,
    works,
    silentForMs: times.silentForMs,
    only,
    isParallelismKept: isShared || only === undefined,
    mustMatchCode: isShared && options.mustMatchCode === true,
    stop,
    onProblem,
  });
  const train = async ({ trial, study, work }: Claimed, trainer: SlotTrainer): Promise<void> => {
    const writer: TrialWriter = { trialId: trial.id, fencingToken: trial.fencingToken };
    let isLost = false;
    try {
      const ready = await trainer.readyFor(work.command);
      if (ready === undefined) return await giveBack(writer, study);
      await runAttempt(
        {
          db,
          study,
          folds: work.folds,
          pruner: await works.prunerOf(study),
          prunedFrom: searchPlan(study).firstConfiguration,
          checkpointFolderOf: ({ id }) => join(store, 'checkpoints', id),
          logFileOf: (of) => trialLogFile(store, study.name, of),
          limits,
          onEvent: (event) => onEvent(event, study),
        },
        trial,
        {
          trainer: ready,
          renewTrainer: () => trainer.readyFor(work.command),
          stop,
          hold: (own, onLost) =>
            held.hold(own, (message) => {
              isLost = true;
              onLost(message);
            }),
        },
      );
      // It may be ours still, where the database was only away; else this is refused.
      if (isLost) await giveBack(writer, study);
      if (ready.ready.trialsPerProcess === 'one') await trainer.shutDown();
    } catch (error) {
      // A store that cannot be written would be tried without a pause; a database that is away is waited for elsewhere.
      if (!(error instanceof EnvironmentError && error.code.startsWith('storage-'))) works.leave(study);
      onProblem(error, study);
      await giveBack(writer, study);
      await trainer[Symbol.asyncDispose]();
    }
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
    let freeSinceMs = performance.now();
    while (!stop.aborted) {
      const { rings } = bell;
      try {
        const claimed = await claim(slot, trainer, performance.now() - freeSinceMs < times.patienceMs);
        if (claimed !== undefined) {
          await train(claimed, trainer);
          freeSinceMs = performance.now();
          bell.ring();
          continue;
        }
      } catch (error) {
        onProblem(error);
        await createBell().wait(0, times.pollMs, stop);
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
