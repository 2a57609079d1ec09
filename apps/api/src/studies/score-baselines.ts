/** Baselines on a thread of their own: a regression over 10,000 windows takes ten seconds, in which a server must answer. */
import type { Split } from '@kinetune/data';
import type { Baseline } from './data-summary.ts';
import { runOnThread } from './run-on-thread.ts';

export interface BaselinesRequest {
  readonly windowsFile: string;
  readonly split: Split;
}

const PROGRAM = new URL('./baselines-worker.ts', import.meta.url);

/** @throws what reading the windows throws, and EnvironmentError where the signal ends the thread. */
export function scoreBaselines(request: BaselinesRequest, signal: AbortSignal): Promise<readonly Baseline[]> {
  return runOnThread(PROGRAM, { request, undone: 'the baselines were not scored', signal });
}
