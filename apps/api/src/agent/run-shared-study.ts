/**
 * Runs one study to its end on a database that others share: an agent for this study alone, and a scheduler that leads for all
 * studies where nobody else does. Other agents may train trials of it too; whoever leads begins its phases and ends it.
 */
import { findStudy, type Database, type Study } from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { createBell } from '../scheduler/bell.ts';
import { startScheduler } from '../scheduler/start-scheduler.ts';
import type { RunEvent } from './run-event.ts';
import { startAgent, type AgentOptions } from './start-agent.ts';
import { studyProgress } from './study-progress.ts';
import type { ReadyWork } from './study-works.ts';

export interface RunSharedStudyOptions extends Pick<
  AgentOptions,
  'home' | 'slots' | 'limits' | 'stop' | 'stopNow' | 'mustMatchCode'
> {
  readonly db: Database;
  readonly study: Study;
  /** Folder of checkpoints and logs that all agents see. */
  readonly store: string;
  readonly work: ReadyWork;
  readonly onEvent: (event: RunEvent) => void;
  /** What is waited for, or is about another study. */
  readonly onProblem: (problem: unknown, study?: Study) => void;
}

/** From one look at the study to the next, ms. */
const LOOK_MS = 1_000;

/**
 * Runs until the study does not run any more and none of its trials does, or `stop` is aborted. Afterwards no trainer is left and no
 * trial is RUNNING here.
 * @throws EnvironmentError where this machine cannot train it; InputError where it was deleted. What was finished is kept.
 */
export async function runSharedStudy(options: RunSharedStudyOptions): Promise<void> {
  const { db, study, work, onEvent } = options;
  const bell = createBell();
  const over = new AbortController();
  const stop = AbortSignal.any([options.stop, over.signal]);
  let failure: { readonly error: unknown } | undefined;
  const onProblem = (problem: unknown, of?: Study): void => {
    if (isWaitedFor(problem) || (of !== undefined && of.id !== study.id)) return options.onProblem(problem, of);
    failure ??= { error: problem };
    over.abort();
  };
  const agent = await startAgent({
    ...options,
    isShared: true,
    only: study.id,
    bell,
    stop,
    workOf: async () => work,
    onEvent,
    onStopping: (running) => {
      if (options.stop.aborted) onEvent({ type: 'stopping', running });
    },
    onProblem,
  });
  {
    await using _ = startScheduler({ db, isShared: true, bell, onError: onProblem });
    while (!stop.aborted) {
      const { rings } = bell;
      try {
        if (await isOver(db, { study, onEvent })) break;
      } catch (error) {
        onProblem(error);
      }
      await bell.wait(rings, LOOK_MS, stop);
    }
    over.abort();
  }
  await agent.done.catch(onProblem);
  if (failure !== undefined) throw failure.error;
}

/** A database that is away comes back; a study that the machine failed has been paused, which ends the run by itself. */
function isWaitedFor(problem: unknown): boolean {
  if (!(problem instanceof EnvironmentError)) return false;
  return problem.code.startsWith('storage-') || problem.code === 'study-paused';
}

async function isOver(
  db: Database,
  { study: { id, name }, onEvent }: Pick<RunSharedStudyOptions, 'study' | 'onEvent'>,
): Promise<boolean> {
  const study = await findStudy(db, id);
  if (study === undefined) throw new InputError('study-deleted', `${name} was deleted while it was trained`);
  const progress = await studyProgress(db, study);
  onEvent({ type: 'trials-counted', ...progress });
  return study.state !== 'RUNNING' && progress.counts.RUNNING === 0;
}
