/** Computes reports on a thread of its own, which ends when it has had nothing to do for a while. */
import { Worker } from 'node:worker_threads';
import type { ReportInput, RoundReport } from '@kinetune/search';

type Answer = { readonly id: number } & ({ readonly report: string } | { readonly error: string });

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, PromiseWithResolvers<RoundReport>>;
}

const IDLE_MS = 60_000;

let thread: Thread | undefined;
let idle: NodeJS.Timeout | undefined;
let lastId = 0;

/** As `roundReport`, without holding up this thread. @throws Error when the computation fails or its thread dies. */
export async function computeReport(input: ReportInput): Promise<RoundReport> {
  clearTimeout(idle);
  thread ??= startThread();
  const { worker, waiting } = thread;
  const id = ++lastId;
  const answer = Promise.withResolvers<RoundReport>();
  waiting.set(id, answer);
  worker.postMessage({ id, input });
  try {
    return await answer.promise;
  } finally {
    waiting.delete(id);
    if (waiting.size === 0) {
      idle = setTimeout(() => {
        thread = undefined;
        void worker.terminate();
      }, IDLE_MS).unref();
    }
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { execArgv: [] });
  // It keeps no process alive that has nothing else to do.
  worker.unref();
  const waiting: Thread['waiting'] = new Map();
  const started: Thread = { worker, waiting };
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    if ('report' in answer) asked?.resolve(JSON.parse(answer.report) as RoundReport);
    else asked?.reject(new Error(answer.error));
  });
  const fail = (reason: string): void => {
    if (thread === started) thread = undefined;
    for (const asked of waiting.values()) asked.reject(new Error(`the thread that computes reports died: ${reason}`));
  };
  worker.on('error', (error: unknown) => fail(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  worker.on('exit', (code) => fail(`it ended with code ${code}`));
  return started;
}
