/**
 * Runs a study to its end on this machine: an agent with one slot for each trainer, and the scheduler that keeps them busy.
 * Configurations are proposed when a slot asks; configuration i is a function of the study's seed and i, so the same trials
 * come out of any number of slots, stops and restarts.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { deriveSeed, EnvironmentError, type StartMessage } from '@kinetune/study';
import { suggest } from '@kinetune/search';
import {
  claimTrial,
  countTrials,
  createConfiguration,
  heartbeat,
  nextConfigurationNumber,
  registerAgent,
  stopAgent,
  type Database,
  type Fingerprint,
  type Slot,
  type Study,
  type Trial,
  type TrialWriter,
} from '@kinetune/storage';
import { runAttempt, type AttemptContext } from './run-attempt.ts';
import type { RunEvent } from './run-event.ts';
import { waitUntilReady, type Limits } from './trial-run.ts';
import { startTrainer, type TrainerCommand, type TrainerProcess } from './trainer-process.ts';
import { endLeftTrainers, registerTrainer } from './trainer-registry.ts';

export interface RunStudyOptions {
  readonly db: Database;
  readonly study: Study;
  /** Folder of the state that is not in the database: checkpoints, logs, living trainers. */
  readonly home: string;
  readonly command: TrainerCommand;
  /** Trials at once, at least 1. */
  readonly slotCount: number;
  readonly data: StartMessage['data'];
  readonly fingerprint: Fingerprint;
  /** First signal: stop cleanly. Second: at once. */
  readonly stop: AbortSignal;
  readonly stopNow: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly limits: Limits;
}

const HEARTBEAT_MS = 5_000;
/** Trainers that end before they are ready, one after the other, before the machine is said to lack something. */
const START_ATTEMPTS = 2;

/** Where a trial's log lies. */
export function trialLogFile(home: string, study: string, number: number): string {
  return join(home, 'logs', study, `trial-${String(number).padStart(4, '0')}.log`);
}

/**
 * Runs until the budget is used up or `stop` is aborted. Afterwards no trainer is left and no trial is RUNNING.
 * @throws EnvironmentError when trainers cannot start or the storage fails; what was finished is kept.
 */
export async function runStudy(options: RunStudyOptions): Promise<void> {
  const { db, study, home, command, slotCount, limits, onEvent } = options;
  await endLeftTrainers(join(home, 'trainers'), { limitMs: 10_000 });
  const agent = await registerAgent(db, {
    host: hostname(),
    pid: process.pid,
    devices: Array.from({ length: slotCount }, () => 'CPU, 1 thread'),
  });
  const halt = new AbortController();
  const stop = AbortSignal.any([options.stop, halt.signal]);
  const trainers = new Set<TrainerProcess>();
  const held = new Map<TrialWriter, (message: string) => void>();
  const onStop = (): void => onEvent({ type: 'stopping', running: held.size });
  options.stop.addEventListener('abort', onStop, { once: true });
  const killAll = (): void => trainers.forEach((trainer) => void trainer.kill());
  options.stopNow.addEventListener('abort', killAll);

  const context: AttemptContext = {
    db,
    study,
    data: options.data,
    fingerprint: options.fingerprint,
    checkpointFolderOf: (trial) => join(home, 'checkpoints', trial.id),
    logFileOf: (trial) => trialLogFile(home, study.name, trial.number),
    limits,
    onEvent,
  };
  const beat = setInterval(() => {
    heartbeat(db, agent.id, [...held.keys()]).then(
      (lost) => lost.forEach((writer) => held.get(writer)?.('it was cancelled or given to another agent')),
      () => {}, // A storage that fails is met by the next write, which says so.
    );
  }, HEARTBEAT_MS);

  const queue = createQueue(db, study);
  const startReadyTrainer = async () => {
    let reason = '';
    for (let attempt = 0; attempt < START_ATTEMPTS && !stop.aborted; attempt++) {
      const trainer = startTrainer(command);
      trainers.add(trainer);
      const forget = trainer.pid > 0 ? registerTrainer(join(home, 'trainers'), trainer.pid, command) : () => {};
      void trainer.gone.then(() => (trainers.delete(trainer), forget()));
      const ready = await waitUntilReady(trainer, { limits, stop });
      if (ready.type === 'ready') return { trainer, ready };
      const log: Buffer[] = [];
      trainer.logTo((chunk) => log.push(chunk));
      const words = Buffer.concat(log).toString('utf8').trim().split('\n').slice(-15).join('\n  ');
      reason = `${ready.reason}${words === '' ? '' : `. It said:\n  ${words}`}`;
    }
    if (stop.aborted) return undefined;
    throw new EnvironmentError(
      'trainer-not-starting',
      `the trainer (${[command.file, ...command.args].join(' ')}) cannot start: ${reason}`,
    );
  };

  const runSlot = async (slot: Slot): Promise<void> => {
    let current: Awaited<ReturnType<typeof startReadyTrainer>>;
    for (;;) {
      if (stop.aborted || !(await queue.hasWork())) break;
      if (current === undefined || !current.trainer.isAlive) current = await startReadyTrainer();
      if (current === undefined || stop.aborted) break;
      const { trainer, ready } = current;
      const trial = await queue.claim({ agentId: agent.id, slotId: slot.id, device: ready.device });
      if (trial === undefined) continue;
      try {
        await runAttempt(context, trial, {
          trainer,
          device: ready.device,
          runtime: ready.runtime,
          stop,
          hold: (writer, onLost) => {
            held.set(writer, onLost);
            return () => held.delete(writer);
          },
        });
      } finally {
        queue.release();
      }
    }
    if (current?.trainer.isAlive === true) await current.trainer.shutDown(limits.stopMs);
  };

  const ends = await Promise.allSettled(
    agent.slots.map((slot) =>
      runSlot(slot).catch((error: unknown) => {
        // One slot that cannot go on ends the run: the others keep their state and stop.
        halt.abort();
        throw error;
      }),
    ),
  );
  clearInterval(beat);
  killAll();
  await Promise.all([...trainers].map((trainer) => trainer.gone));
  options.stop.removeEventListener('abort', onStop);
  options.stopNow.removeEventListener('abort', killAll);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  await stopAgent(db, agent.id);
}

interface Queue {
  /** Whether there is, or may yet be, something for a slot to do; waits while only a running trial's return can tell. */
  hasWork(): Promise<boolean>;
  claim(claimant: { agentId: string; slotId: string; device: string }): Promise<Trial | undefined>;
  /** A claimed trial was given back or ended. */
  release(): void;
}

function createQueue(db: Database, study: Study): Queue {
  let running = 0;
  let waiting: (() => void)[] = [];
  /** Proposes the next configuration; false when the budget is used up. */
  const propose = async (): Promise<boolean> => {
    const number = await nextConfigurationNumber(db, study.id);
    if (number >= study.budget.trials) return false;
    const suggestion = suggest({ space: study.space, seed: study.seed, index: number });
    await createConfiguration(db, study.id, {
      number,
      values: suggestion.values,
      spaceVersion: study.space.version,
      samplerNote: { ...suggestion.note },
      trials: [{ seed: deriveSeed(study.seed, 'trial', number, 0), fold: foldOf(study) }],
    });
    return true;
  };
  const hasQueued = async (): Promise<boolean> => {
    return (await countTrials(db, study.id)).QUEUED > 0;
  };
  return {
    async hasWork() {
      for (;;) {
        if ((await hasQueued()) || (await nextConfigurationNumber(db, study.id)) < study.budget.trials) return true;
        if (running === 0) return false;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async claim(claimant) {
      running++;
      for (;;) {
        const trial = await claimTrial(db, { studyId: study.id, ...claimant });
        if (trial !== undefined) return trial;
        if (!(await propose())) break;
      }
      this.release();
      return undefined;
    },
    release() {
      running--;
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
  };
}

function foldOf({ data }: Study): number {
  return 'fold' in data.split ? data.split.fold : 0;
}
