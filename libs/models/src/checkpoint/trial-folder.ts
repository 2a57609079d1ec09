/**
 * A trial's checkpoint folder: what survives when the process is killed at any moment.
 *
 *   measurements.log   every measurement so far (measurement-log.ts)
 *   state-000123/      the newest states to continue from, two of them while the trial runs (resume-state.ts)
 *   step-000123/       the best models so far (model-checkpoint.ts)
 *
 * An epoch is made durable in this order: models, log, state. So a state never points to something that is missing, and
 * whatever is newer than the newest state is taken back when the trial continues from it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, invariant } from '@kinetune/study';
import type { TrialMeasurement } from '../training/trial-measurement.ts';
import { checkpointName, type CheckpointKind, stepOfName } from './checkpoint-name.ts';
import { readDurableFolder, removeUnfinished, writeError } from './durable-folder.ts';
import { appendMeasurement, readMeasurements, rewriteMeasurements } from './measurement-log.ts';
import { type ModelCheckpoint, writeModelCheckpoint } from './model-checkpoint.ts';
import { readResumeState, type ResumeState, writeResumeState } from './resume-state.ts';

const LOG = 'measurements.log';
const KEPT_STATES = 2;

export interface ResumePoint {
  readonly state: ResumeState;
  /** All up to the state's step, in order. */
  readonly measurements: readonly TrialMeasurement[];
}

export interface FinishedEpoch {
  readonly measurement: TrialMeasurement;
  readonly state: ResumeState;
  /** The model to keep, when this epoch is among the best. */
  readonly model?: ModelCheckpoint;
  /** Steps whose models are to be kept, this epoch's included if it is one. */
  readonly bestSteps: readonly number[];
}

/** Removes everything: the trial starts from the beginning. Creates the folder if it is not there. */
export async function clearTrialFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeError(error, folder);
  });
  await removeUnfinished(folder);
  await keepOnly(folder, 'state', new Set());
  await keepOnly(folder, 'step', new Set());
  await rewriteMeasurements(join(folder, LOG), []);
}

/**
 * The newest state that is whole and whose log and best models are too; `bestSteps` tells which models those are. What is newer
 * is removed. Undefined when there is none; `onDamage` hears what was passed over.
 */
export async function openResumePoint(
  folder: string,
  {
    bestSteps,
    onDamage,
  }: {
    readonly bestSteps: (measurements: readonly TrialMeasurement[]) => readonly number[];
    readonly onDamage: (error: InputError) => void;
  },
): Promise<ResumePoint | undefined> {
  const steps = await stepsOf(folder, 'state');
  for (const step of steps.toReversed()) {
    try {
      const state = await readResumeState(folder, step);
      const measurements = await readMeasurements(join(folder, LOG), step);
      const kept = bestSteps(measurements);
      for (const best of kept) await readDurableFolder(join(folder, checkpointName('step', best)));
      await removeUnfinished(folder);
      await keepOnly(folder, 'state', new Set(steps.filter((other) => other <= step)));
      await keepOnly(folder, 'step', new Set((await stepsOf(folder, 'step')).filter((other) => other <= step)));
      await rewriteMeasurements(join(folder, LOG), measurements);
      return { state, measurements };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onDamage(error);
    }
  }
  return undefined;
}

/**
 * Makes an epoch durable; after it returns, the epoch survives anything. Models and states that nothing needs are removed last.
 * @throws EnvironmentError when the disk is full or refuses; what was durable before stays valid.
 */
export async function commitEpoch(
  folder: string,
  epoch: FinishedEpoch,
  previousBest: readonly number[],
): Promise<void> {
  const { measurement, state, model, bestSteps } = epoch;
  invariant(measurement.step === state.step, 'a state belongs to its measurement');
  if (model !== undefined) await writeModelCheckpoint(folder, model);
  await appendMeasurement(join(folder, LOG), measurement);
  await writeResumeState(folder, state);
  const states = (await stepsOf(folder, 'state')).slice(-KEPT_STATES);
  await keepOnly(folder, 'state', new Set(states));
  // The state before this one is the one to fall back to, and it needs its own best models.
  await keepOnly(folder, 'step', new Set([...bestSteps, ...previousBest]));
}

/** When the trial is over: the last state stays, so that an agent that lost the outcome gets it again at once. */
export async function finishTrialFolder(folder: string, bestSteps: readonly number[]): Promise<void> {
  await keepOnly(folder, 'state', new Set((await stepsOf(folder, 'state')).slice(-1)));
  await keepOnly(folder, 'step', new Set(bestSteps));
}

/** Ascending. */
async function stepsOf(folder: string, kind: CheckpointKind): Promise<readonly number[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .map((name) => stepOfName(kind, name))
    .filter((step) => step !== undefined)
    .toSorted((a, b) => a - b);
}

async function keepOnly(folder: string, kind: CheckpointKind, kept: ReadonlySet<number>): Promise<void> {
  for (const step of await stepsOf(folder, kind)) {
    if (!kept.has(step)) await rm(join(folder, checkpointName(kind, step)), { recursive: true, force: true });
  }
}
