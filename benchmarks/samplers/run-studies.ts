/** Runs studies on several threads at once; each thread takes the next one in order. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StudyResult, StudySpec } from './study-spec.ts';
import type { ThreadAnswer, ThreadData } from './study-thread.ts';

export interface RunStudiesOptions extends ThreadData {
  readonly jobs: number;
  readonly onResult: (result: StudyResult) => void;
}

export async function runStudies(specs: readonly StudySpec[], options: RunStudiesOptions): Promise<void> {
  const { jobs, onResult, ...data } = options;
  let next = 0;
  const runLane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(join(import.meta.dirname, 'study-thread.ts'), { workerData: data });
      const take = (): void => thread.postMessage(specs[next++] ?? null);
      thread.on('message', (answer: ThreadAnswer) => {
        if ('error' in answer) {
          next = specs.length;
          reject(new Error(answer.error));
          take();
          return;
        }
        onResult(answer.result);
        take();
      });
      thread.once('error', reject);
      thread.once('exit', () => resolve());
      take();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, specs.length) }, runLane));
}
