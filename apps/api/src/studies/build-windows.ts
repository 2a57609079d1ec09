/** Recordings read and cut into windows on a thread of their own: files of a data set take seconds, in which a server must answer. */
import type { Windows } from '@kinetune/data';
import type { DataSpec } from '@kinetune/study';
import { runOnThread } from './run-on-thread.ts';

export interface WindowsRequest {
  readonly spec: DataSpec;
  /** Where the recordings lie, absolute; null for what is generated. */
  readonly path: string | null;
}

const PROGRAM = new URL('./windows-worker.ts', import.meta.url);

/** @throws InputError naming file and line for what cannot be imported or cut; EnvironmentError where the signal ends the thread. */
export function buildWindows(request: WindowsRequest, signal: AbortSignal): Promise<Windows> {
  return runOnThread(PROGRAM, { request, undone: 'the recordings were not cut into windows', signal });
}
