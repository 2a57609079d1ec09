/**
 * A study's sampler on a thread of its own, for as long as the study runs. A suggestion is a function of its request, so that a
 * thread that dies is started again and asked the same once more.
 */
import { Worker } from 'node:worker_threads';
import type { History, Suggestion } from '@kinetune/search';
import { EnvironmentError, InputError } from '@kinetune/study';
import type { SamplerAnswer, SamplerError, SamplerRequest, SamplerSetup } from './sampler-messages.ts';

export interface SamplerThread extends AsyncDisposable {
  /**
   * Suggests configuration `index`; null when the space has none left.
   * @throws InputError where no configuration satisfies the constraints; EnvironmentError when the thread dies of it twice.
   */
  suggest(index: number, history: History): Promise<Suggestion | null>;
}

export interface SamplerThreadOptions {
  /** The thread's program; another one in tests. */
  readonly program?: URL;
}

const PROGRAM = new URL('./sampler-worker.ts', import.meta.url);
/** How often a request is tried that the thread dies of. */
const ATTEMPTS = 2;

export function startSampler(setup: SamplerSetup, { program = PROGRAM }: SamplerThreadOptions = {}): SamplerThread {
  let thread: Thread | undefined;
  let nextId = 0;
  let isEnded = false;
  const ask = async (index: number, history: History): Promise<Suggestion | null> => {
    let death = '';
    for (let attempt = 0; attempt < ATTEMPTS && !isEnded; attempt++) {
      thread ??= startThread(setup, program);
      const end = await thread.ask({ id: nextId++, index, history });
      if (end.type === 'answer') {
        if ('error' in end.answer) throw revive(end.answer.error);
        return end.answer.suggestion;
      }
      thread = undefined;
      death = end.reason;
    }
    if (isEnded) throw new EnvironmentError('sampler-ended', 'the sampler was ended with its study');
    throw new EnvironmentError(
      'sampler-died',
      `the sampler (${setup.settings.kind}) was started ${ATTEMPTS} times for configuration ${index} and died each time: ${death}. ` +
        'What was finished is kept; with `sampler: halton` the study needs no model',
    );
  };
  // One after the other: the second of two slots that ask must know what the first was given.
  let last: Promise<unknown> = Promise.resolve();
  return {
    suggest(index, history) {
      const answer = last.then(() => ask(index, history));
      last = answer.catch(() => {});
      return answer;
    },
    async [Symbol.asyncDispose]() {
      isEnded = true;
      await thread?.end();
    },
  };
}

type AskEnd =
  { readonly type: 'answer'; readonly answer: SamplerAnswer } | { readonly type: 'died'; readonly reason: string };

interface Thread {
  ask(request: SamplerRequest): Promise<AskEnd>;
  end(): Promise<void>;
}

function startThread(setup: SamplerSetup, program: URL): Thread {
  const worker = new Worker(program, { workerData: setup, execArgv: [] });
  const died = new Promise<AskEnd>((resolve) => {
    worker.on('error', (error: unknown) =>
      resolve({ type: 'died', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
    worker.on('exit', (code) => resolve({ type: 'died', reason: `its thread ended with code ${code}` }));
  });
  return {
    ask(request) {
      const answered = new Promise<AskEnd>((resolve) => {
        const onMessage = (answer: SamplerAnswer): void => {
          if (answer.id !== request.id) return;
          worker.off('message', onMessage);
          resolve({ type: 'answer', answer });
        };
        worker.on('message', onMessage);
      });
      worker.postMessage(request);
      return Promise.race([answered, died]);
    },
    async end() {
      await worker.terminate();
    },
  };
}

function revive({ code, message, stack }: SamplerError): Error {
  if (code !== undefined) return new InputError(code, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
