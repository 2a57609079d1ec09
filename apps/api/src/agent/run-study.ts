/**
 * Runs the present phase of a study to its end on this machine: an agent with one slot for each trainer, and the scheduler that
 * keeps them busy. Configurations are proposed when a slot asks. A quasi-random one is a function of the study's seed and its
 * number, so the same trials come out of any number of slots, stops and restarts.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyWithin, type History } from '@kinetune/search';
import { EnvironmentError } from '@kinetune/study';
import type { ModelShape } from '@kinetune/models/catalogue';
import {
  heartbeat,
  listConfigurations,
  registerAgent,
  stopAgent,
  type Database,
  type Slot,
  type Study,
  type Trial,
  type TrialWriter,
} from '@kinetune/storage';
import type { AttemptContext } from './attempt-context.ts';
import type { FoldData } from './fold-data.ts';
import { createLivePruner } from './live-pruner.ts';
import { proposeConfiguration } from './propose-configuration.ts';
import { runAttempt } from './run-attempt.ts';
import type { RunEvent } from './run-event.ts';
import { startSampler } from './sampler-thread.ts';
import { searchPlan, type SearchPlan } from './search-plan.ts';
import { createTrialQueue } from './trial-queue.ts';
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
  /** What trials of each fold train on. */
  readonly folds: ReadonlyMap<number, FoldData>;
  /** What constraints on the model are about. */
  readonly shape: Partial<ModelShape>;
  /** What an earlier study found within the space, for the sampler to start with. */
  readonly earlier?: History | undefined;
  /** The sampler thread's program; another one in tests. */
  readonly samplerProgram?: URL | undefined;
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
function trialLogFile(home: string, study: string, { number, replicate }: Trial): string {
  const sibling = replicate === 0 ? '' : `-${replicate}`;
  return join(home, 'logs', study, `trial-${String(number).padStart(4, '0')}${sibling}.log`);
}

export interface RunEnd {
  /** The sampler has no further configuration, although the budget has. */
  readonly isSpaceUsedUp: boolean;
}

/**
 * Runs until the phase's budget or its space is used up, or `stop` is aborted. Afterwards no trainer is left and no trial is RUNNING.
 * @throws EnvironmentError when trainers cannot start or the storage fails; what was finished is kept.
 */
export async function runStudy(options: RunStudyOptions): Promise<RunEnd> {
  const { db, study, home, command, slotCount, limits, onEvent } = options;
  const plan = searchPlan(study);
  await endLeftTrainers(join(home, 'trainers'), { limitMs: 10_000 });
  const { earlier } = options;
  const samplerContext = {
    phase: plan.phase,
    trialCount: plan.endConfiguration - plan.firstConfiguration,
    parallelism: slotCount,
    knownCount: await countKnown(options, plan),
  };
  const pruner = await createLivePruner(db, study, plan.pruner);
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
    folds: options.folds,
    pruner,
    prunedFrom: plan.firstConfiguration,
    checkpointFolderOf: (trial) => join(home, 'checkpoints', trial.id),
    logFileOf: (trial) => trialLogFile(home, study.name, trial),
    limits,
    onEvent,
  };
  const beat = setInterval(() => {
    heartbeat(db, agent.id, [...held.keys()]).then(
      (lost) => lost.forEach((writer) => held.get(writer)?.('it was cancelled or given to another agent')),
      () => {}, // A storage that fails is met by the next write, which says so.
    );
  }, HEARTBEAT_MS);
  // Disposed in reverse: the sampler's thread first, so that a proposal under way is not waited for longer than it takes to end it.
  await using queue = createTrialQueue(db, {
    studyId: study.id,
    endConfiguration: plan.endConfiguration,
    propose: () => proposeConfiguration({ db, study, plan, sampler, context: samplerContext, earlier }),
    stop,
  });
  await using sampler = startSampler(
    {
      settings: plan.sampler,
      context: samplerContext,
      space: plan.space,
      seed: study.seed,
      direction: study.objective.direction,
      model: study.model,
      shape: options.shape,
    },
    options.samplerProgram === undefined ? {} : { program: options.samplerProgram },
  );
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
      if (ready.trialsPerProcess === 'one') await trainer.shutDown(limits.stopMs);
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
  return { isSpaceUsedUp: queue.isSpaceUsedUp };
}

/** Results within the space that there were before the phase began. */
async function countKnown({ db, study, earlier }: RunStudyOptions, { space, firstConfiguration }: SearchPlan) {
  const before = (await listConfigurations(db, study.id)).filter(
    ({ number, objective }) => number < firstConfiguration && objective !== null,
  );
  const observed = before.map(({ values, objective }) => ({ values, objective: objective as number, replicates: 1 }));
  const own = historyWithin(space, { observed, infeasible: [], pending: [] });
  return own.observed.length + (earlier?.observed.length ?? 0);
}
