/** The trainer process of a slot: used for trial after trial, replaced after a crash or for a study that is trained by another program. */
import { EnvironmentError } from '@kinetune/study';
import type { ReadyTrainer } from './run-attempt.ts';
import { registerTrainer } from './trainer-registry.ts';
import { startTrainer, type TrainerCommand, type TrainerProcess } from './trainer-process.ts';
import { waitUntilReady, type Limits } from './trial-run.ts';

/** Disposed: killed, and gone. */
export interface SlotTrainer extends AsyncDisposable {
  /**
   * A trainer of this command that waits for a trial; undefined where a stop was asked for meanwhile.
   * @throws EnvironmentError `trainer-not-starting` with what it said.
   */
  readyFor(command: TrainerCommand): Promise<ReadyTrainer | undefined>;
  /** Asks it to exit. */
  shutDown(): Promise<void>;
  kill(): void;
}

export interface SlotTrainerOptions {
  /** Folder that living trainers are noted in. */
  readonly registry: string;
  /** Set for the process on top of the command's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limits: Limits;
  readonly stop: AbortSignal;
}

/** Trainers that end before they are ready, one after the other, before the machine is said to lack something. */
const START_ATTEMPTS = 2;

export function createSlotTrainer({ registry, environment, limits, stop }: SlotTrainerOptions): SlotTrainer {
  let current: (ReadyTrainer & { readonly key: string }) | undefined;
  let starting: TrainerProcess | undefined;
  const start = async (command: TrainerCommand): Promise<ReadyTrainer | undefined> => {
    let reason = '';
    for (let attempt = 0; attempt < START_ATTEMPTS && !stop.aborted; attempt++) {
      const trainer = startTrainer({ ...command, environment: { ...command.environment, ...environment } });
      starting = trainer;
      const forget = trainer.pid > 0 ? registerTrainer(registry, trainer.pid, command) : () => {};
      void trainer.gone.then(forget);
      const ready = await waitUntilReady(trainer, { limits, stop });
      if (ready.type === 'ready') return { trainer, ready };
      const log: Buffer[] = [];
      trainer.logTo((chunk) => log.push(chunk));
      const words = Buffer.concat(log).toString('utf8').trim().split('\n').slice(-15).join('\n  ');
      reason = `${ready.reason}${words === '' ? '' : `. It said:\n  ${words}`}`;
    }
    if (stop.aborted) return undefined;
    throw new EnvironmentError(
      'trainer-not-starting',
      `the trainer (${[command.file, ...command.args].join(' ')}) cannot start: ${reason}`,
    );
  };
  const shutDown = async (): Promise<void> => {
    await current?.trainer.shutDown(limits.stopMs);
    current = undefined;
  };
  return {
    async readyFor(command) {
      const key = JSON.stringify(command);
      if (current !== undefined && (!current.trainer.isAlive || current.key !== key)) await shutDown();
      if (current === undefined) {
        const started = await start(command);
        if (started === undefined) return undefined;
        current = { ...started, key };
      }
      return current;
    },
    shutDown,
    kill() {
      void starting?.kill();
      void current?.trainer.kill();
    },
    async [Symbol.asyncDispose]() {
      await starting?.kill();
      await current?.trainer.kill();
    },
  };
}
