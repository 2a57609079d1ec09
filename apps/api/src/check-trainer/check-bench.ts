/** What the checks share: the trainer under test, what it is told to train, and a process of it when one is needed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageFromTrainer, StartMessage } from '@kinetune/study';
import { startTrainer, type TrainerCommand, type TrainerProcess } from '../agent/trainer-process.ts';
import { waitUntilReady, type Limits } from '../agent/trial-run.ts';

export interface BenchOptions {
  readonly command: TrainerCommand;
  readonly limits: Limits;
  /** All of a start but for its checkpoint folder. */
  readonly start: Omit<StartMessage, 'checkpointFolder'>;
  /** Takes what the trainer writes to stdout and stderr. */
  readonly onLog: (text: string) => void;
}

export interface ReadyTrainer {
  readonly trainer: TrainerProcess;
  readonly ready: Extract<MessageFromTrainer, { type: 'ready' }>;
}

export interface CheckBench extends AsyncDisposable {
  readonly limits: Limits;
  /** A new process; the text says why there is none. */
  begin(): Promise<ReadyTrainer | string>;
  /** A start message for a trial of its own, or for the next attempt of one. */
  startOf(trial: string, changes?: Partial<StartMessage>): StartMessage;
}

/** Disposed: ends every process that is left, and removes the checkpoint folders. */
export function createBench({ command, limits, start, onLog }: BenchOptions): CheckBench {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-check-trainer-'));
  const folders = new Map<string, string>();
  const trainers: TrainerProcess[] = [];
  return {
    limits,
    async begin() {
      const trainer = startTrainer(command);
      trainers.push(trainer);
      trainer.logTo((chunk) => onLog(chunk.toString('utf8')));
      const ready = await waitUntilReady(trainer, { limits, stop: new AbortController().signal });
      return ready.type === 'ready' ? { trainer, ready } : ready.reason;
    },
    startOf(trial, changes = {}) {
      const checkpointFolder = folders.get(trial) ?? mkdtempSync(join(folder, 'trial-'));
      folders.set(trial, checkpointFolder);
      return { ...start, trial: { ...start.trial, id: trial }, checkpointFolder, ...changes };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(trainers.map((trainer) => trainer.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
