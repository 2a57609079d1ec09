/** One computation on a thread of its own, which begins and ends with it: for what takes seconds, in which a server must answer. */
import { basename } from 'node:path';
import { parentPort, workerData, Worker } from 'node:worker_threads';
import { EnvironmentError, InputError, invariant } from '@kinetune/study';

/** Errors cross between threads without their class. */
interface ThrownError {
  readonly kind: 'input' | 'environment' | 'other';
  readonly code: string;
  readonly message: string;
}

type Answer<Result> = { readonly result: Result } | { readonly thrown: ThrownError };

export interface ThreadOptions<Request> {
  /** Structured clone is how it gets there. */
  readonly request: Request;
  /** What is not done where it is stopped: `the baselines were not scored`. */
  readonly undone: string;
  readonly signal: AbortSignal;
}

/**
 * The answer of a program that calls `answerRequest`.
 * @throws what the computation throws, InputError and EnvironmentError as they were; EnvironmentError where the signal ends it.
 */
export function runOnThread<Request, Result>(
  program: URL,
  { request, undone, signal }: ThreadOptions<Request>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stopped = new EnvironmentError('stopped', `${undone}: a stop was asked for`);
    if (signal.aborted) return reject(stopped);
    const worker = new Worker(program, { workerData: request, name: basename(program.pathname, '.ts') });
    const stop = (): void => {
      reject(stopped);
      void worker.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', (answer: Answer<Result>) => {
      if ('result' in answer) resolve(answer.result);
      else reject(errorOf(answer.thrown));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      // After an answer or an error this says nothing new.
      reject(new Error(`${undone}: its thread ended with code ${code} before it answered`));
    });
  });
}

/** The other side: the program that was started answers what it was asked, once. `buffersOf` are handed over, not copied. */
export async function answerRequest<Request, Result>(
  compute: (request: Request) => Promise<Result>,
  buffersOf: (result: Result) => readonly ArrayBuffer[] = () => [],
): Promise<void> {
  invariant(parentPort !== null, 'a program that answers a request is started as a thread');
  let answer: Answer<Result>;
  try {
    answer = { result: await compute(workerData as Request) };
  } catch (error) {
    answer = { thrown: thrownError(error) };
  }
  parentPort.postMessage(answer, 'result' in answer ? buffersOf(answer.result) : []);
}

function thrownError(error: unknown): ThrownError {
  if (error instanceof InputError) return { kind: 'input', code: error.code, message: error.message };
  if (error instanceof EnvironmentError) return { kind: 'environment', code: error.code, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'other', code: '', message };
}

function errorOf({ kind, code, message }: ThrownError): Error {
  if (kind === 'input') return new InputError(code, message);
  return kind === 'environment' ? new EnvironmentError(code, message) : new Error(message);
}
