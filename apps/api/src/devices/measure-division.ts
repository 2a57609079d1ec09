/** Trains for real, for a short time, to see which division of the processors into slots trains more trials an hour. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSplit, cutWindows, generateDataset, writeWindows } from '@kinetune/data';
import { BUILT_IN_METRICS, EnvironmentError, type StartMessage } from '@kinetune/study';
import { startTrainer, type TrainerCommand } from '../agent/trainer-process.ts';
import { DEFAULT_LIMITS, runTrial, waitUntilReady } from '../agent/trial-run.ts';
import { cpuEnvironment } from './slot-plan.ts';

export interface Division {
  readonly slots: number;
  /** Of each slot. */
  readonly threads: number;
}

export interface MeasuredDivision extends Division {
  /** Epochs of all slots together in a second, one number for each round. */
  readonly epochsPerSecond: readonly number[];
  /** By the mean of the rounds. Starting TensorFlow is left out: a slot does it once for many trials. */
  readonly trialsPerHour: number;
}

export interface MeasureOptions {
  /** The built-in trainer. */
  readonly command: TrainerCommand;
  readonly divisions: readonly Division[];
  readonly signal: AbortSignal;
  readonly onRun: (division: Division, round: number) => void;
}

/** The quick start's model, window and length of training. */
const MODEL = 'cnn1d';
const CONFIGURATION = { layers: '64x5,64x5,128x5' };
const WINDOW = { length: 128, step: 64 };
export const EPOCHS_OF_A_TRIAL = 25;
/** Trained for each figure, the first of which only warms up. */
const EPOCHS = 7;
/** Divisions take turns, so that what else the machine does falls on all. */
const ROUNDS = 2;

/** @throws EnvironmentError when a trainer does not start or does not train. */
export async function measureDivisions(options: MeasureOptions): Promise<readonly MeasuredDivision[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-measure-'));
  try {
    const data = await writeData(folder);
    const rates = options.divisions.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, division] of options.divisions.entries()) {
        options.onRun(division, round);
        rates[index]?.push(await measure(division, { ...options, folder, data }));
      }
    }
    return options.divisions.map((division, index) => {
      const epochsPerSecond = rates[index] as number[];
      const mean = epochsPerSecond.reduce((sum, rate) => sum + rate, 0) / ROUNDS;
      return { ...division, epochsPerSecond, trialsPerHour: (3600 * mean) / EPOCHS_OF_A_TRIAL };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Synthetic recordings: some 1,900 windows of ten people, of whom eight are trained on. */
async function writeData(folder: string): Promise<NonNullable<StartMessage['data']>> {
  const windows = cutWindows(generateDataset({ people: 10, minutesPerPerson: 4, seed: 0 }), WINDOW);
  const files = { windowsFile: join(folder, 'windows'), splitFile: join(folder, 'split.json') };
  await writeWindows(files.windowsFile, windows);
  const split = createSplit(windows, { kind: 'group-k-fold', folds: 5, fold: 0, seed: 0 });
  writeFileSync(files.splitFile, JSON.stringify(split));
  return files;
}

interface Bench extends MeasureOptions {
  readonly folder: string;
  readonly data: NonNullable<StartMessage['data']>;
}

/** Epochs a second of all slots together while all of them train. */
async function measure({ slots, threads }: Division, bench: Bench): Promise<number> {
  const { command, signal } = bench;
  const environment = { ...command.environment, ...cpuEnvironment(threads) };
  const trainers = Array.from({ length: slots }, () => startTrainer({ ...command, environment }));
  try {
    for (const trainer of trainers) {
      const ready = await waitUntilReady(trainer, { limits: DEFAULT_LIMITS, stop: signal });
      if (ready.type !== 'ready') throw failure(ready.reason);
    }
    const times = await Promise.all(
      trainers.map(async (trainer, slot) => {
        const measuredAt: number[] = [];
        const outcome = await runTrial(trainer, startOf(`${slot}-${threads}`, bench), {
          limits: DEFAULT_LIMITS,
          stop: signal,
          prune: new AbortController().signal,
          observer: {
            onStarted() {},
            onProgress() {},
            onMeasurement: () => void measuredAt.push(performance.now()),
          },
        });
        if (outcome.type !== 'completed') throw failure('reason' in outcome ? outcome.reason : outcome.type);
        return measuredAt;
      }),
    );
    return rateOf(times);
  } finally {
    await Promise.all(trainers.map((trainer) => trainer.kill()));
  }
}

function startOf(slot: string, { folder, data }: Bench): StartMessage {
  return {
    type: 'start',
    protocol: 1,
    trial: { id: slot, study: 'measure', number: 0, attempt: 1 },
    configuration: { ...CONFIGURATION, epochs: EPOCHS },
    seed: 1,
    fold: 0,
    model: MODEL,
    objective: { metric: 'validationLoss', direction: 'minimise' },
    metrics: BUILT_IN_METRICS.map(({ name }) => name),
    data,
    checkpointFolder: mkdtempSync(join(folder, `slot-${slot}-`)),
    keepBest: 1,
  };
}

/**
 * @param times when each slot's epochs ended, ms.
 * @returns epochs a second between the last slot's first epoch and the first slot's last: before and after some slots rest.
 */
export function rateOf(times: readonly (readonly number[])[]): number {
  const from = Math.max(...times.map((own) => own[0] ?? Infinity));
  const to = Math.min(...times.map((own) => own.at(-1) ?? -Infinity));
  // Each slot by its own whole epochs within that time: a part of one at the edge would count as nothing.
  return times.reduce((sum, own) => {
    const within = own.filter((at) => at >= from && at <= to);
    const ms = (within.at(-1) ?? 0) - (within[0] ?? 0);
    return sum + (ms > 0 ? ((within.length - 1) * 1000) / ms : 0);
  }, 0);
}

function failure(reason: string): EnvironmentError {
  return new EnvironmentError(
    'measurement-failed',
    `the divisions could not be measured: the trainer failed: ${reason}`,
  );
}
