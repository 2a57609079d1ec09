/** One attempt of a claimed trial: run on a trainer, its measurements stored, its outcome settled in the database. */
import { mkdirSync } from 'node:fs';
import { deriveSeed, invariant, resolveValues, type RuntimeSettings, type StartMessage } from '@kinetune/study';
import {
  findTrial,
  finishTrial,
  listTrials,
  recordTrialStart,
  releaseTrial,
  requeueTrial,
  type Database,
  type NewMeasurement,
  type Study,
  type Trial,
  type TrialEnd,
  type TrialWriter,
} from '@kinetune/storage';
import { inSpaceOrder } from '../studies/space-order.ts';
import { diagnoseTrial } from './diagnose-trial.ts';
import type { FoldData } from './fold-data.ts';
import type { LivePruner } from './live-pruner.ts';
import { createMeasurementWriter } from './measurement-writer.ts';
import type { RunEvent } from './run-event.ts';
import { spaceOfConfiguration, trialsPerConfiguration } from './search-plan.ts';
import { openTrialLog } from './trial-log.ts';
import { trialName } from './trial-name.ts';
import { runTrial, type Limits, type TrialOutcome } from './trial-run.ts';
import type { TrainerProcess } from './trainer-process.ts';

/** Machine failures without progress in between after which a trial is FAILED. */
export const MAX_FAILURES = 3;
/** Reason code of a trial that ran out of memory; the second time it is infeasible. */
const OUT_OF_MEMORY = 'out-of-memory';

export interface AttemptContext {
  readonly db: Database;
  readonly study: Study;
  /** By fold. */
  readonly folds: ReadonlyMap<number, FoldData>;
  /** Undefined where nothing is pruned. */
  readonly pruner: LivePruner | undefined;
  /** Number of the first configuration that may be pruned. */
  readonly prunedFrom: number;
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
  const name = trialName(trial, study);
  const fold = context.folds.get(trial.fold);
  invariant(fold !== undefined, `a study prepares the data of its folds, got a trial of fold ${trial.fold}`);
  const startedAt = performance.now();
  const needless = await needlessTraining(context, trial);
  if (needless !== undefined) {
    await end(context, trial, { writer, end: needless, epochOf: () => undefined, durationMs: trial.earlierRunningMs });
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
  await settle(context, trial, {
    writer,
    outcome,
    pruned,
    epochOf,
    durationMs: trial.earlierRunningMs + performance.now() - startedAt,
  });
}

interface Settlement {
  readonly writer: TrialWriter;
  readonly outcome: TrialOutcome;
  /** The pruner's sentence. */
  readonly pruned: string | undefined;
  readonly epochOf: (step: number | null) => number | undefined;
  readonly durationMs: number;
}

async function settle(
  context: AttemptContext,
  trial: Trial,
  { writer, outcome, pruned, epochOf, durationMs }: Settlement,
): Promise<void> {
  const { db, study, onEvent } = context;
  const { attempts } = trial;
  const name = trialName(trial, study);
  switch (outcome.type) {
    case 'completed':
    case 'pruned':
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
          trial: name,
          attempt: attempts,
          reason: `out of memory: ${outcome.reason}`,
        });
        return;
      }
      return end(context, trial, { writer, end: endOf(outcome, pruned), epochOf, durationMs });
    }
    case 'stopped':
      await releaseTrial(db, writer, `stopped with ${study.name}`);
      onEvent({ type: 'trial-stopped', trial: name });
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
          trial: name,
          state: 'FAILED',
          reason,
          bestValue: undefined,
          bestEpoch: undefined,
          configuration: trial.number,
          objective: null,
          durationMs,
        });
      } else {
        onEvent({ type: 'trial-requeued', trial: name, attempt: attempts, reason: outcome.reason });
      }
    }
  }
}

type End = TrialEnd & { readonly state: 'COMPLETED' | 'PRUNED' | 'INFEASIBLE' | 'CANCELLED' };

interface Ending extends Pick<Settlement, 'writer' | 'epochOf' | 'durationMs'> {
  readonly end: End;
}

async function end(context: AttemptContext, trial: Trial, { writer, end: ended, epochOf, durationMs }: Ending) {
  const { db, study, pruner, onEvent } = context;
  await finishTrial(db, writer, ended);
  pruner?.end(trial.id, ended.state);
  const now = await findTrial(db, trial.id);
  invariant(now !== undefined, 'a trial that ended is there');
  if (ended.state !== 'CANCELLED') await diagnoseTrial(db, study, now);
  onEvent({
    type: 'trial-ended',
    trial: trialName(trial, study),
    state: ended.state,
    reason: ended.reason,
    bestValue: now.bestValue ?? undefined,
    bestEpoch: epochOf(now.bestStep),
    configuration: trial.number,
    objective: await objectiveOf(context, trial),
    durationMs,
  });
}

function endOf(
  outcome: Extract<TrialOutcome, { type: 'completed' | 'pruned' | 'infeasible' }>,
  pruned: string | undefined,
): End {
  switch (outcome.type) {
    case 'completed':
      return { state: 'COMPLETED' };
    case 'pruned':
      return { state: 'PRUNED', reasonCode: 'pruned', reason: pruned ?? '' };
    case 'infeasible':
      return { state: 'INFEASIBLE', reasonCode: outcome.code, reason: outcome.reason };
  }
}

/** The mean of the configuration's trials; null while one has not completed. */
async function objectiveOf({ db, study }: AttemptContext, trial: Trial): Promise<number | null> {
  const siblings = trialsPerConfiguration(study) === 1 ? [] : await siblingsOf(db, trial);
  const values = siblings.flatMap(({ state, bestValue }) => (state === 'COMPLETED' ? (bestValue ?? []) : []));
  if (values.length === 0 || values.length < siblings.length) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function siblingsOf(db: Database, { studyId, configurationId }: Trial): Promise<readonly Trial[]> {
  return (await listTrials(db, studyId)).filter((other) => other.configurationId === configurationId);
}

/** Replicates that were asked for afterwards are trained to their end: they are there to be compared. */
function isPrunable({ study, prunedFrom }: AttemptContext, { number, replicate }: Trial): boolean {
  return number >= prunedFrom && replicate < trialsPerConfiguration(study);
}

/** How a claimed trial ends that need not be trained any further; undefined where it is trained. */
async function needlessTraining(context: AttemptContext, trial: Trial): Promise<End | undefined> {
  const { db, study, pruner } = context;
  if (pruner === undefined || !isPrunable(context, trial)) return undefined;
  const again = trial.lastStep === null ? undefined : pruner.judge(trial);
  if (again !== undefined) return { state: 'PRUNED', reasonCode: 'pruned', reason: again.reason };
  if (trialsPerConfiguration(study) === 1) return undefined;
  const pruned = (await siblingsOf(db, trial)).find(({ state }) => state === 'PRUNED');
  if (pruned === undefined) return undefined;
  const reason = `trial ${trialName(pruned, study)} of its configuration was pruned: ${pruned.reason ?? 'no reason given'}`;
  return { state: 'CANCELLED', reasonCode: 'configuration-pruned', reason };
}

function startMessage(
  { study }: AttemptContext,
  trial: Trial,
  { checkpointFolder, data }: { readonly checkpointFolder: string; readonly data: StartMessage['data'] },
): StartMessage {
  return {
    type: 'start',
    protocol: 1,
    trial: { id: trial.id, study: study.name, number: trial.number, attempt: trial.attempts },
    configuration: { ...resolveValues(spaceOfConfiguration(study, trial.number), trial.values) },
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
  const replicate = trial.replicate === 0 ? [] : [trial.replicate];
  return shuffleLabelsSeed === undefined
    ? data
    : { ...data, shuffleLabelsSeed: deriveSeed(shuffleLabelsSeed, 'trial', trial.number, ...replicate) };
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
