/** Schedulers and agents in the test's own process, for studies that the fake trainer trains. */
import { join } from 'node:path';
import { createStudy, findStudy, listTrials, type Storage, type Study, type Trial } from '@kinetune/storage';
import { startAgent, type Agent, type AgentOptions } from '../agent/start-agent.ts';
import { foldsOf } from '../agent/search-plan.ts';
import { DEFAULT_LIMITS } from '../agent/trial-run.ts';
import { startScheduler, type Scheduler, type SchedulerOptions } from '../scheduler/start-scheduler.ts';
import type { SchedulingTimes } from '../scheduler/scheduling-times.ts';
import type { FakeBehaviour } from './fake-trainer.ts';
import { newStudy } from './study-here.ts';

/** Short enough for a test to wait for, long enough for a busy machine. */
export const TEST_TIMES: SchedulingTimes = {
  pollMs: 50,
  heartbeatMs: 500,
  silentForMs: 10_000,
  leaseMs: 3_000,
  choresMs: 300,
  reconcileMs: 300,
  retryMs: 300,
  patienceMs: 30_000,
};

export const SMALL_SPACE = `space:
  learningRate: { type: float, minimum: 0.0003, maximum: 0.03, scale: log }
  dropout: { type: float, minimum: 0, maximum: 0.5 }`;

export interface SchedulingHere extends AsyncDisposable {
  /** Adds a study; `lines` of its file besides name, goal, data and model. */
  study(name: string, lines: string, changes?: { readonly priority?: number }): Promise<Study>;
  scheduler(options?: Partial<SchedulerOptions>): Scheduler;
  /** Any study, by the fake trainer. */
  workOf(trainer: FakeBehaviour): AgentOptions['workOf'];
  agent(
    options?: Partial<AgentOptions> & { readonly count?: number; readonly trainer?: FakeBehaviour },
  ): Promise<Agent>;
  /** The study as it is once it has been completed. */
  completed(study: Study): Promise<Study>;
  trials(study: Study): Promise<readonly Trial[]>;
  /** Until it holds; looks every few milliseconds, and is ended by the test's own limit. */
  until(holds: () => Promise<boolean>): Promise<void>;
  /** What went wrong so far. */
  readonly problems: readonly unknown[];
}

export function schedulingHere({ db, home, isShared }: Storage): SchedulingHere {
  const stack = new AsyncDisposableStack();
  const problems: unknown[] = [];
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const workOf = (trainer: FakeBehaviour): AgentOptions['workOf'] => {
    const command = {
      file: process.execPath,
      args: [join(import.meta.dirname, 'fake-trainer.ts')],
      environment: { KINETUNE_FAKE_TRAINER: JSON.stringify(trainer) },
    };
    return async (study) => ({
      type: 'ready',
      command,
      folds: new Map(foldsOf(study).map((fold) => [fold, { data: undefined, fingerprint: {} }])),
    });
  };
  return {
    problems,
    until,
    study: (name, lines, changes = {}) => createStudy(db, { ...newStudy(lines, name), ...changes }),
    scheduler: (options = {}) =>
      stack.use(
        startScheduler({ db, isShared, times: TEST_TIMES, onError: (error) => problems.push(error), ...options }),
      ),
    workOf,
    async agent({ count = 1, trainer = {}, ...options } = {}) {
      return stack.use(
        await startAgent({
          db,
          isShared,
          home,
          slots: Array.from({ length: count }, () => ({ device: 'nothing', environment: {} })),
          workOf: workOf(trainer),
          stop: new AbortController().signal,
          stopNow: new AbortController().signal,
          limits: { ...DEFAULT_LIMITS, stopMs: 4_000 },
          onProblem: (problem) => void problems.push(problem),
          times: TEST_TIMES,
          ...options,
        }),
      );
    },
    async completed({ id }) {
      await until(async () => (await findStudy(db, id))?.state === 'COMPLETED');
      return (await findStudy(db, id)) as Study;
    },
    trials: async ({ id }) => listTrials(db, id),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
