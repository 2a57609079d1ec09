/** One attempt of a claimed trial: run on a trainer, its measurements stored, its outcome settled in the database. */
import { mkdirSync } from 'node:fs';
import { invariant, type MessageFromTrainer } from '@kinetune/study';
import { recordTrialStart, type NewMeasurement, type Trial, type TrialWriter } from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';
import type { AttemptContext } from './attempt-context.ts';
import { createMeasurementWriter } from './measurement-writer.ts';
import { isPrunable, needlessTraining } from './needless-training.ts';
import { watchMemory } from './out-of-memory.ts';
import { spaceOfConfiguration } from './search-plan.ts';
import { endAttempt, settleAttempt } from './settle-attempt.ts';
import { startMessage } from './start-message.ts';
import { openTrialLog } from './trial-log.ts';
import { trialName } from './trial-name.ts';
import { limitsOf, runTrial, type TrialObserver, type TrialOutcome } from './trial-run.ts';
import type { TrainerProcess } from './trainer-process.ts';

/** A trainer that has said `ready`. */
export interface ReadyTrainer {
  readonly trainer: TrainerProcess;
  readonly ready: Extract<MessageFromTrainer, { type: 'ready' }>;
}

/** How much of what a trainer writes is kept to be looked through when it dies, in characters. */
const LAST_WORDS = 4_000;

export interface AttemptOptions {
  readonly trainer: ReadyTrainer;
  /** Another one, where the first is found gone before it has begun; undefined when there is to be a stop. */
  readonly renewTrainer: () => Promise<ReadyTrainer | undefined>;
  /** Stop cleanly. */
  readonly stop: AbortSignal;
  /** Takes note of the attempt's writer while it lasts, so that the heartbeat can tell that it was taken away. */
  readonly hold: (writer: TrialWriter, onLost: (message: string) => void) => () => void;
}

/** Runs the attempt. Nothing is thrown for what a trainer does; storage that fails throws. */
export async function runAttempt(context: AttemptContext, trial: Trial, options: AttemptOptions): Promise<void> {
  const { db, study, onEvent } = context;
  const { stop } = options;
  let { trainer, ready } = options.trainer;
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

  const observer: TrialObserver = {
    onStarted({ totalEpochs, totalSteps, weightCount, resumedFromStep }) {
      judged = { ...trial, totalEpochs: totalEpochs ?? null, totalSteps: totalSteps ?? null };
      if (totalEpochs !== undefined && totalSteps !== undefined) epochsPerStep = totalEpochs / totalSteps;
      startRecorded = recordTrialStart(db, writer, {
        device: ready.device,
        fingerprint: fold.fingerprint,
        ...(ready.runtime === undefined ? {} : { runtime: ready.runtime }),
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
  };
  const run = async (): Promise<TrialOutcome> => {
    const memory = watchMemory();
    let lastWords = '';
    log.write(`--- trial ${name} of ${study.name}, attempt ${trial.attempts}, trainer ${trainer.pid}\n`);
    trainer.logTo((chunk) => {
      lastWords = (lastWords + chunk.toString('utf8')).slice(-LAST_WORDS);
      log.write(chunk);
    });
    const outcome = await runTrial(trainer, startMessage(context, trial, { checkpointFolder, data: fold.data }), {
      limits: limitsOf(context.limits, study.limits),
      stop,
      prune: prune.signal,
      earlierMs: trial.earlierRunningMs,
      memoryEvidence: (end) => memory.evidence(end, lastWords),
      observer,
    });
    trainer.logTo(() => {});
    log.write(`--- ${describe(outcome)}\n`);
    return outcome;
  };
  let outcome = await run();
  if (outcome.type === 'not-begun' && lost === undefined) {
    try {
      const renewed = await options.renewTrainer();
      if (renewed !== undefined) ({ trainer, ready } = renewed);
      outcome = renewed === undefined ? { type: 'stopped', step: undefined } : await run();
    } catch (error) {
      outcome = { type: 'failed', reason: asError(error).message };
    }
  }
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
  invariant(outcome.type !== 'not-begun', 'a new trainer begins, or fails');
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
    case 'not-begun':
      return `not begun: ${outcome.reason} before it`;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
