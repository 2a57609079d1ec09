/** One attempt of a claimed trial: run on a trainer, its measurements stored, its outcome settled in the database. */
import { mkdirSync } from 'node:fs';
import { invariant, type RuntimeSettings } from '@kinetune/study';
import { recordTrialStart, type NewMeasurement, type Trial, type TrialWriter } from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';
import type { AttemptContext } from './attempt-context.ts';
import { createMeasurementWriter } from './measurement-writer.ts';
import { isPrunable, needlessTraining } from './needless-training.ts';
import { spaceOfConfiguration } from './search-plan.ts';
import { endAttempt, settleAttempt } from './settle-attempt.ts';
import { startMessage } from './start-message.ts';
import { openTrialLog } from './trial-log.ts';
import { trialName } from './trial-name.ts';
import { runTrial, type TrialOutcome } from './trial-run.ts';
import type { TrainerProcess } from './trainer-process.ts';

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
  const name = trialName(trial, study);
  const fold = context.folds.get(trial.fold);
  invariant(fold !== undefined, `a study prepares the data of its folds, got a trial of fold ${trial.fold}`);
  const startedAt = performance.now();
  const needless = await needlessTraining(context, trial);
  if (needless !== undefined) {
    await endAttempt(context, trial, {
      writer,
      end: needless,
      epochOf: () => undefined,
      durationMs: trial.earlierRunningMs,
    });
    return;
  }
  const checkpointFolder = context.checkpointFolderOf(trial);
  mkdirSync(checkpointFolder, { recursive: true });
  using log = openTrialLog(context.logFileOf(trial));
  log.write(`--- trial ${name} of ${study.name}, attempt ${trial.attempts}, trainer ${trainer.pid}\n`);
  trainer.logTo(log.write);

  // A trial that was taken away has no owner to stop for: its trainer is killed, and nothing of it is written.
  let lost: string | undefined;
  let storageError: Error | undefined;
  const giveUp = (message: string): void => {
    lost ??= message;
    void trainer.kill();
  };
  using _held = disposable(options.hold(writer, giveUp));
  const prune = new AbortController();
  let pruned: string | undefined;
  const judge = (stored: readonly NewMeasurement[]): void => {
    const decision = context.pruner?.add(judged, stored);
    if (decision === undefined || pruned !== undefined || !isPrunable(context, trial)) return;
    pruned = decision.reason;
    prune.abort();
  };
  let judged: Trial = trial;
  const measurements = createMeasurementWriter(db, writer, {
    onWritten: judge,
    onRefused: giveUp,
    onError: (error) => {
      storageError ??= asError(error);
      giveUp('the storage failed');
    },
  });
  const epochs = new Map<number, number>();
  let epochsPerStep: number | undefined;
  let startRecorded: Promise<unknown> = Promise.resolve();

  const outcome = await runTrial(trainer, startMessage(context, trial, { checkpointFolder, data: fold.data }), {
    limits: context.limits,
    stop,
    prune: prune.signal,
    observer: {
      onStarted({ totalEpochs, totalSteps, weightCount, resumedFromStep }) {
        judged = { ...trial, totalEpochs: totalEpochs ?? null, totalSteps: totalSteps ?? null };
        if (totalEpochs !== undefined && totalSteps !== undefined) epochsPerStep = totalEpochs / totalSteps;
        startRecorded = recordTrialStart(db, writer, {
          device: options.device,
          fingerprint: fold.fingerprint,
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
          trial: name,
          attempt: trial.attempts,
          configuration: inSpaceOrder(trial.values, spaceOfConfiguration(study, trial.number)),
          totalEpochs,
          resumedFromEpoch: resumedFromStep * (epochsPerStep ?? 0),
        });
      },
      onProgress: ({ epoch, trainLoss }) => onEvent({ type: 'trial-progress', trial: name, epoch, trainLoss }),
      onMeasurement({ type: _, ...measurement }) {
        epochs.set(measurement.step, measurement.epoch);
        const { detail, evaluation, ...rest } = measurement;
        measurements.add({
          ...rest,
          ...(detail === undefined ? {} : { detail }),
          ...(evaluation === undefined ? {} : { evaluation }),
        });
        const { step, epoch, values } = measurement;
        onEvent({ type: 'trial-measured', trial: name, step, epoch, values });
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
    onEvent({ type: 'trial-requeued', trial: name, attempt: trial.attempts, reason: lost });
    return;
  }
  const epochOf = (step: number | null): number | undefined =>
    step === null ? undefined : (epochs.get(step) ?? (epochsPerStep === undefined ? undefined : step * epochsPerStep));
  await settleAttempt(context, trial, {
    writer,
    outcome,
    pruned,
    epochOf,
    durationMs: trial.earlierRunningMs + performance.now() - startedAt,
  });
}

function describe(outcome: TrialOutcome): string {
  switch (outcome.type) {
    case 'completed':
      return `completed, best ${outcome.bestValue} at step ${outcome.bestStep}`;
    case 'infeasible':
      return `infeasible (${outcome.code}): ${outcome.reason}`;
    case 'stopped':
      return `stopped after step ${outcome.step ?? 0}`;
    case 'pruned':
      return `pruned after step ${outcome.step ?? 0}`;
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
