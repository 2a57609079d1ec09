/**
 * Runs the present phase of one study to its end on this machine: a scheduler and an agent for it alone. A quasi-random configuration
 * is a function of the study's seed and its number, so the same trials come out of any number of slots, stops and restarts.
 */
import type { ModelShape } from '@kinetune/models/catalogue';
import { findStudy, type Database, type Study } from '@kinetune/storage';
import type { SlotDevice } from '../devices/slot-plan.ts';
import { createBell } from '../scheduler/bell.ts';
import { startScheduler } from '../scheduler/start-scheduler.ts';
import type { FoldData } from './fold-data.ts';
import type { RunEvent } from './run-event.ts';
import { startAgent } from './start-agent.ts';
import type { TrainerCommand } from './trainer-process.ts';
import type { Limits } from './trial-run.ts';

export interface RunStudyOptions {
  readonly db: Database;
  readonly study: Study;
  /** Folder of this machine's own state: living trainers. */
  readonly home: string;
  /** Folder of checkpoints and logs: `home` unless it is another one. */
  readonly store?: string;
  readonly command: TrainerCommand;
  /** Trials at once, one for each. */
  readonly slots: readonly Pick<SlotDevice, 'device' | 'environment'>[];
  /** What trials of each fold train on. */
  readonly folds: ReadonlyMap<number, FoldData>;
  /** What constraints on the model are about. */
  readonly shape: Partial<ModelShape>;
  /** The sampler thread's program; another one in tests. */
  readonly samplerProgram?: URL | undefined;
  /** First signal: stop cleanly. Second: at once. */
  readonly stop: AbortSignal;
  readonly stopNow: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly limits: Limits;
}

export interface RunEnd {
  /** The sampler has no further configuration, although the budget has. */
  readonly isSpaceUsedUp: boolean;
}

/**
 * Runs until the phase's budget or its space is used up, the study is paused or cancelled, or `stop` is aborted. Afterwards no trainer
 * is left and no trial is RUNNING.
 * @throws EnvironmentError when trainers cannot start or the storage fails; what was finished is kept.
 */
export async function runStudy(options: RunStudyOptions): Promise<RunEnd> {
  const { db, study, command, folds, onEvent } = options;
  const bell = createBell();
  const over = new AbortController();
  let isSpaceUsedUp = false;
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    over.abort();
  };
  const stop = AbortSignal.any([options.stop, over.signal]);
  const agent = await startAgent({
    ...options,
    isShared: false,
    only: study.id,
    bell,
    stop,
    workOf: async () => ({ type: 'ready', command, folds }),
    onEvent,
    onStopping: (running) => {
      if (options.stop.aborted) onEvent({ type: 'stopping', running });
    },
    onProblem: fail,
  });
  {
    await using _ = startScheduler({
      db,
      isShared: false,
      only: study.id,
      bell,
      samplerProgram: options.samplerProgram,
      shapeOf: async () => options.shape,
      onError: fail,
      async onRest(rest) {
        isSpaceUsedUp = rest.isSpaceUsedUp;
        over.abort();
      },
    });
    // Paused or cancelled from outside: nothing is claimed any more, and what runs is told by its heartbeat.
    while (!stop.aborted) {
      const { rings } = bell;
      const isRunning = (await findStudy(db, study.id))?.state === 'RUNNING';
      if (!isRunning && agent.running === 0) break;
      await bell.wait(rings, 1_000, stop);
    }
    over.abort();
  }
  await agent.done.catch(fail);
  if (failure !== undefined) throw failure.error;
  return { isSpaceUsedUp };
}
