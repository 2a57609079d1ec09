/** Baselines on a thread of their own: a regression over 10,000 windows takes ten seconds, in which a server must answer. */
import { Worker } from 'node:worker_threads';
import type { Split } from '@kinetune/data';
import { EnvironmentError } from '@kinetune/study';
import type { Baseline } from './data-summary.ts';

export interface BaselinesRequest {
  readonly windowsFile: string;
  readonly split: Split;
}

const PROGRAM = new URL('./baselines-worker.ts', import.meta.url);

/** @throws what reading the windows throws, and EnvironmentError where the signal ends the thread. */
export function scoreBaselines(request: BaselinesRequest, signal: AbortSignal): Promise<readonly Baseline[]> {
  return new Promise((resolve, reject) => {
    const stopped = new EnvironmentError('stopped', 'the baselines were not scored: a stop was asked for');
    if (signal.aborted) return reject(stopped);
    const worker = new Worker(PROGRAM, { workerData: request });
    const stop = (): void => {
      reject(stopped);
      void worker.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      // After a message or an error this says nothing new.
      reject(new Error(`the thread that scores baselines ended with code ${code} before it had any`));
    });
  });
}
