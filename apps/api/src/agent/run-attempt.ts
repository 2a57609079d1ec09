/** One attempt of a claimed trial: run on a trainer, its measurements stored, its outcome settled in the database. */
import { mkdirSync } from 'node:fs';
import { deriveSeed, resolveValues, type RuntimeSettings, type StartMessage } from '@kinetune/study';
import {
  findTrial,
  finishTrial,
  recordTrialStart,
  releaseTrial,
  requeueTrial,
  type Database,
  type Fingerprint,
  type Study,
  type Trial,
  type TrialWriter,
} from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';
import { createMeasurementWriter } from './measurement-writer.ts';
import type { RunEvent } from './run-event.ts';
import { openTrialLog } from './trial-log.ts';
import { runTrial, type Limits, type TrialOutcome } from './trial-run.ts';
import type { TrainerProcess } from './trainer-process.ts';

/** Machine failures without progress in between after which a trial is FAILED. */
export const MAX_FAILURES = 3;
/** Reason code of a trial that ran out of memory; the second time it is infeasible. */
const OUT_OF_MEMORY = 'out-of-memory';

export interface AttemptContext {
  readonly db: Database;
  readonly study: Study;
  readonly data: StartMessage['data'];
  readonly fingerprint: Fingerprint;
  readonly checkpointFolderOf: (trial: Trial) => string;
  readonly logFileOf: (trial: Trial) => string;
  readonly limits: Limits;
  readonly onEvent: (event: RunEvent) => void;
}

export interface AttemptOptions {
  readonly trainer: TrainerProcess;
  readonly device: string;
  readonly runtime: RuntimeSettings | undefined;
  /** Stop cleanly. */
  readonly stop: AbortSignal;
  /** Takes note of the attempt's writer while it lasts, so that the heartbeat can tell that it was taken away. */
  readonly hold: (writer: TrialWriter, onLost: (message: string) => void) => () => void;
}

/** Runs the attempt. Nothing is thrown for what a trainer does; storage that fails throws. */
export async function runAttempt(context: AttemptContext, trial: Trial, options: AttemptOptions): Promise<void> {
  const { db, study, onEvent } = context;
  const { trainer, stop } = options;
  const writer: TrialWriter = { trialId: trial.id, fencingToken: trial.fencingToken };
  const startedAt = performance.now();
  const checkpointFolder = context.checkpointFolderOf(trial);
  mkdirSync(checkpointFolder, { recursive: true });
  using log = openTrialLog(context.logFileOf(trial));
  log.write(`--- trial ${trial.number} of ${study.name}, attempt ${trial.attempts}, trainer ${trainer.pid}\n`);
  trainer.logTo(log.write);

  // A trial that was taken away has no owner to stop for: its trainer is killed, and nothing of it is written.
  let lost: string | undefined;
  let storageError: Error | undefined;
  const giveUp = (message: string): void => {
    lost ??= message;
    void trainer.kill();
  };
  using _held = disposable(options.hold(writer, giveUp));
  const measurements = createMeasurementWriter(db, writer, {
    onRefused: giveUp,
    onError: (error) => {
      storageError ??= asError(error);
      giveUp('the storage failed');
    },
  });
  const epochs = new Map<number, number>();
  let epochsPerStep: number | undefined;
  let startRecorded: Promise<unknown> = Promise.resolve();

  const outcome = await runTrial(trainer, startMessage(context, trial, checkpointFolder), {
    limits: context.limits,
    stop,
    observer: {
      onStarted({ totalEpochs, totalSteps, weightCount, resumedFromStep }) {
        if (totalEpochs !== undefined && totalSteps !== undefined) epochsPerStep = totalEpochs / totalSteps;
        startRecorded = recordTrialStart(db, writer, {
          device: options.device,
          fingerprint: context.fingerprint,
          ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
          ...(weightCount === undefined ? {} : { weightCount }),
          ...(totalSteps === undefined ? {} : { totalSteps }),
          ...(totalEpochs === undefined ? {} : { totalEpochs }),
        });
        startRecorded.catch((error: unknown) => {
          storageError ??= asError(error);
          giveUp('the storage failed');
        });
        onEvent({
          type: 'trial-started',
          trial: trial.number,
          attempt: trial.attempts,
          configuration: inSpaceOrder(trial.values, study.space),
          totalEpochs,
          resumedFromEpoch: resumedFromStep * (epochsPerStep ?? 0),
        });
      },
      onProgress: ({ epoch, trainLoss }) => onEvent({ type: 'trial-progress', trial: trial.number, epoch, trainLoss }),
      onMeasurement({ type: _, ...measurement }) {
        epochs.set(measurement.step, measurement.epoch);
        const { detail, evaluation, ...rest } = measurement;
        measurements.add({
          ...rest,
          ...(detail === undefined ? {} : { detail }),
          ...(evaluation === undefined ? {} : { evaluation }),
        });
        const { step, epoch, values } = measurement;
        onEvent({ type: 'trial-measured', trial: trial.number, step, epoch, values });
      },
    },
  });
  trainer.logTo(() => {});
  log.write(`--- ${describe(outcome)}\n`);
  if (storageError === undefined && lost === undefined) {
    await startRecorded;
    await measurements.flush();
  }
  if (storageError !== undefined) throw storageError;
  if (lost !== undefined) {
    onEvent({ type: 'trial-requeued', trial: trial.number, attempt: trial.attempts, reason: lost });
    return;
  }
  const epochOf = (step: number | null): number | undefined =>
    step === null ? undefined : (epochs.get(step) ?? (epochsPerStep === undefined ? undefined : step * epochsPerStep));
  await settle(context, trial, {
    writer,
    outcome,
    epochOf,
    durationMs: trial.earlierRunningMs + performance.now() - startedAt,
  });
}

interface Settlement {
  readonly writer: TrialWriter;
  readonly outcome: TrialOutcome;
  readonly epochOf: (step: number | null) => number | undefined;
  readonly durationMs: number;
}

async function settle(
  context: AttemptContext,
  trial: Trial,
  { writer, outcome, epochOf, durationMs }: Settlement,
): Promise<void> {
  const { db, study, onEvent } = context;
  const { number, attempts } = trial;
  switch (outcome.type) {
    case 'completed':
    case 'infeasible': {
      if (outcome.type === 'infeasible' && outcome.code === OUT_OF_MEMORY && trial.reasonCode !== OUT_OF_MEMORY) {
        // The first time may be a neighbour's doing; a new process gets a second chance.
        await requeueTrial(db, writer, {
          reasonCode: OUT_OF_MEMORY,
          reason: outcome.reason,
          maxFailures: MAX_FAILURES,
        });
        onEvent({
          type: 'trial-requeued',
          trial: number,
          attempt: attempts,
          reason: `out of memory: ${outcome.reason}`,
        });
        return;
      }
      const isCompleted = outcome.type === 'completed';
      const reason = isCompleted ? undefined : outcome.reason;
      await finishTrial(
        db,
        writer,
        isCompleted
          ? { state: 'COMPLETED' }
          : { state: 'INFEASIBLE', reasonCode: outcome.code, reason: outcome.reason },
      );
      const best = await bestOf(context, trial);
      onEvent({
        type: 'trial-ended',
        trial: number,
        state: isCompleted ? 'COMPLETED' : 'INFEASIBLE',
        reason,
        bestValue: best.value,
        bestEpoch: epochOf(best.step),
        durationMs,
      });
      return;
    }
    case 'stopped':
      await releaseTrial(db, writer, `stopped with ${study.name}`);
      onEvent({ type: 'trial-stopped', trial: number });
      return;
    case 'failed': {
      const result = await requeueTrial(db, writer, {
        reasonCode: 'machine',
        reason: outcome.reason,
        maxFailures: MAX_FAILURES,
      });
      if (result.outcome === 'failed') {
        const reason = `${outcome.reason} (${MAX_FAILURES} times without getting further); log: ${context.logFileOf(trial)}`;
        onEvent({
          type: 'trial-ended',
          trial: number,
          state: 'FAILED',
          reason,
          bestValue: undefined,
          bestEpoch: undefined,
          durationMs,
        });
      } else {
        onEvent({ type: 'trial-requeued', trial: number, attempt: attempts, reason: outcome.reason });
      }
    }
  }
}

async function bestOf(
  { db }: AttemptContext,
  trial: Trial,
): Promise<{ value: number | undefined; step: number | null }> {
  const now = await findTrial(db, trial.id);
  return { value: now?.bestValue ?? undefined, step: now?.bestStep ?? null };
}

function startMessage({ study, data }: AttemptContext, trial: Trial, checkpointFolder: string): StartMessage {
  return {
    type: 'start',
    protocol: 1,
    trial: { id: trial.id, study: study.name, number: trial.number, attempt: trial.attempts },
    configuration: { ...resolveValues(study.space, trial.values) },
    seed: trial.seed,
    fold: trial.fold,
    model: study.model,
    objective: study.objective,
    metrics: study.metrics.map(({ name }) => name),
    ...(data === undefined ? {} : { data: dataOf(data, trial) }),
    checkpointFolder,
    // A first attempt has nothing to go on from; a later one may find a state whose measurement never reached us.
    ...(trial.attempts === 1 ? {} : { resumeFromStep: trial.lastStep ?? 0 }),
    keepBest: study.keepBest,
    ...(study.earlyStopping ? { earlyStopping: study.earlyStopping } : {}),
  };
}

/** Each trial of a control permutes the labels in its own way: what one finds by chance is then no other's. */
function dataOf(data: NonNullable<StartMessage['data']>, trial: Trial): NonNullable<StartMessage['data']> {
  const { shuffleLabelsSeed } = data;
  return shuffleLabelsSeed === undefined
    ? data
    : { ...data, shuffleLabelsSeed: deriveSeed(shuffleLabelsSeed, 'trial', trial.number) };
}

function describe(outcome: TrialOutcome): string {
  switch (outcome.type) {
    case 'completed':
      return `completed, best ${outcome.bestValue} at step ${outcome.bestStep}`;
    case 'infeasible':
      return `infeasible (${outcome.code}): ${outcome.reason}`;
    case 'stopped':
      return `stopped after step ${outcome.step ?? 0}`;
    case 'failed':
      return `failed: ${outcome.reason}`;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
