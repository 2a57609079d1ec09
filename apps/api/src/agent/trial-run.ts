/** One attempt of one trial on a trainer: from `start` to the outcome. Nothing here knows of the database. */
import { InputError, storableText } from '@kinetune/study';
import type { MeasurementMessage, MessageFromTrainer, StartMessage, TrialLimits } from '@kinetune/study';
import { OUT_OF_MEMORY, speaksOfMemory, type ProcessEnd } from './out-of-memory.ts';
import type { Received, TrainerProcess } from './trainer-process.ts';

/** Waiting times, ms. */
export interface Limits {
  /** From the start of a process to its `ready`: loading TensorFlow takes seconds, on a loaded machine more. */
  readonly readyMs: number;
  /** The longest silence of a trainer at work before it is held to be hung. */
  readonly silenceMs: number;
  /** From `stop` to `stopped`. */
  readonly stopMs: number;
  /** The longest training of a trial, over all of its attempts. */
  readonly trialMs: number;
}

const MINUTE_MS = 60_000;
export const DEFAULT_LIMITS: Limits = {
  readyMs: 2 * MINUTE_MS,
  silenceMs: 5 * MINUTE_MS,
  stopMs: 15_000,
  trialMs: 7 * 24 * 60 * MINUTE_MS,
};

/** The limits of a study's trials: what it states, else what holds on this machine. */
export function limitsOf(limits: Limits, stated: TrialLimits | null | undefined): Limits {
  const { trialMinutes, silenceMinutes } = stated ?? {};
  return {
    ...limits,
    ...(trialMinutes === undefined ? {} : { trialMs: trialMinutes * MINUTE_MS }),
    ...(silenceMinutes === undefined ? {} : { silenceMs: silenceMinutes * MINUTE_MS }),
  };
}

/** The limits, with the silence that KINETUNE_SILENCE_LIMIT_MS states. */
export function limitsFrom(environment: NodeJS.ProcessEnv): Limits {
  const text = environment.KINETUNE_SILENCE_LIMIT_MS ?? '';
  if (text === '') return DEFAULT_LIMITS;
  const silenceMs = Number(text);
  if (!Number.isInteger(silenceMs) || silenceMs < 1) {
    throw new InputError(
      'silence-limit',
      `KINETUNE_SILENCE_LIMIT_MS: expected whole milliseconds from 1 on, got ${text}`,
    );
  }
  return { ...DEFAULT_LIMITS, silenceMs };
}

/** How an attempt ended. Infeasible is a result of the configuration; failed is the machine's fault. */
export type TrialOutcome =
  | { readonly type: 'completed'; readonly bestStep: number; readonly bestValue: number }
  | { readonly type: 'infeasible'; readonly code: string; readonly reason: string; readonly epoch?: number | undefined }
  /** Stopped because we asked; it goes on later from `step`. */
  | { readonly type: 'stopped'; readonly step: number | undefined }
  /** Stopped because a pruner decided so; it does not go on. */
  | { readonly type: 'pruned'; readonly step: number | undefined }
  | { readonly type: 'failed'; readonly reason: string }
  /** A trainer that had trained another trial was gone before it said a word of this one: start it on a new one. */
  | { readonly type: 'not-begun'; readonly reason: string };

export interface TrialObserver {
  readonly onStarted: (message: Extract<MessageFromTrainer, { type: 'started' }>) => void;
  readonly onProgress: (message: Extract<MessageFromTrainer, { type: 'progress' }>) => void;
  readonly onMeasurement: (message: MeasurementMessage) => void;
}

export interface TrialRunOptions {
  readonly limits: Limits;
  readonly observer: TrialObserver;
  /** Aborted: ask the trainer to stop, and wait `limits.stopMs` for its durable state. */
  readonly stop: AbortSignal;
  /** Aborted: a pruner ends the trial; the trainer is asked and waited for in the same way. */
  readonly prune: AbortSignal;
  /** How long earlier attempts trained, ms. */
  readonly earlierMs?: number;
  /** The sentence that says that a process which ended so ran out of memory. */
  readonly memoryEvidence?: (end: ProcessEnd) => string | undefined;
}

/**
 * Runs an attempt to its outcome. Afterwards the trainer can be given another trial if it is still alive: every outcome
 * that leaves it in doubt kills it first.
 */
export async function runTrial(
  trainer: TrainerProcess,
  start: StartMessage,
  { limits, observer, stop, prune, earlierMs = 0, memoryEvidence }: TrialRunOptions,
): Promise<TrialOutcome> {
  const metrics = new Set(start.metrics);
  const ask = AbortSignal.any([stop, prune]);
  let asked: 'stopped' | 'pruned' | 'too-long' | undefined;
  let askedAtMs = 0;
  const endsAtMs = performance.now() + limits.trialMs - earlierMs;
  let isStarted = false;
  let lastStep = start.resumeFromStep;
  let measuredStep = -1;
  const refuse = async (what: string): Promise<TrialOutcome> => {
    await trainer.kill();
    return { type: 'failed', reason: `the trainer broke the protocol: ${what}` };
  };
  const askToStop = (why: NonNullable<typeof asked>): void => {
    asked = why;
    askedAtMs = performance.now();
    trainer.send({ type: 'stop', reason: why === 'stopped' ? 'shutdown' : why === 'pruned' ? 'pruned' : 'cancelled' });
  };
  const endAsAsked = (why: NonNullable<typeof asked>, step = lastStep): TrialOutcome =>
    why === 'too-long' ? tooLong(limits.trialMs, step) : { type: why, step };
  if (performance.now() >= endsAtMs) return tooLong(limits.trialMs, lastStep);
  const isTrainerUsed = trainer.isUsed;
  trainer.send(start);
  for (;;) {
    const leftMs = endsAtMs - performance.now();
    if (asked === undefined && leftMs <= 0) askToStop('too-long');
    const received = await trainer.receive(
      // Who goes on measuring does not stop either: the time runs from the asking.
      asked === undefined
        ? { limitMs: Math.min(limits.silenceMs, leftMs), abort: ask }
        : { limitMs: askedAtMs + limits.stopMs - performance.now() },
    );
    switch (received.type) {
      case 'aborted':
        askToStop(prune.aborted ? 'pruned' : 'stopped');
        continue;
      case 'silent':
        if (asked === undefined && received.afterMs < limits.silenceMs) continue; // its time is up
        await trainer.kill();
        if (asked !== undefined) return endAsAsked(asked);
        return { type: 'failed', reason: `hung: no message for ${Math.round(received.afterMs / 1000)} s` };
      case 'exited': {
        // What a pruner has decided stands, however the trainer ended.
        if (asked !== undefined) return endAsAsked(asked);
        if (await isPartOfStop(stop)) return { type: 'stopped', step: lastStep };
        const reason = `the trainer ${received.how}`;
        if (isTrainerUsed && !isStarted) return { type: 'not-begun', reason };
        const evidence = memoryEvidence?.(received.end);
        if (evidence === undefined) return { type: 'failed', reason };
        return { type: 'infeasible', code: OUT_OF_MEMORY, reason: `${reason}: ${evidence}` };
      }
      case 'violation':
        return refuse(received.reason);
      case 'message':
    }
    const { message } = received;
    switch (message.type) {
      case 'started':
        if (isStarted) return refuse('it said `started` twice');
        isStarted = true;
        observer.onStarted(message);
        continue;
      case 'progress':
        if (isStarted) observer.onProgress(message);
        continue;
      case 'measurement': {
        if (!isStarted) return refuse('it measured before it said `started`');
        if (message.step <= measuredStep)
          return refuse(`expected a step after ${measuredStep}, got a measurement at step ${message.step}`);
        const undeclared = Object.keys(message.values).find((name) => !metrics.has(name));
        if (undeclared !== undefined)
          return refuse(`it measured ${storableText(undeclared)}, which the study does not declare`);
        measuredStep = message.step;
        if (message.isResumable) lastStep = message.step;
        observer.onMeasurement(message);
        continue;
      }
      case 'completed':
        if (measuredStep < 0 && start.resumeFromStep === undefined) return refuse('it completed without a measurement');
        return { type: 'completed', bestStep: message.bestStep, bestValue: message.bestValue };
      case 'infeasible':
        // What filled the memory may be left in it: the next trial gets a new process.
        if (message.code === OUT_OF_MEMORY) await trainer.kill();
        return { type: 'infeasible', code: message.code, reason: message.reason, epoch: message.epoch };
      case 'evaluated':
        return refuse('it said `evaluated` in the middle of a trial');
      case 'stopped':
        return asked === undefined ? refuse('it stopped without being asked to') : endAsAsked(asked, message.step);
      case 'failed':
        // The process may be what is broken (a device that was lost): the next trial gets a new one.
        await trainer.kill();
        if (asked === 'pruned' || asked === 'too-long') return endAsAsked(asked);
        if (speaksOfMemory(message.reason)) return { type: 'infeasible', code: OUT_OF_MEMORY, reason: message.reason };
        return { type: 'failed', reason: message.reason };
      case 'ready':
        return refuse('it said `ready` in the middle of a trial');
    }
  }
}

function tooLong(limitMs: number, step: number | undefined): TrialOutcome {
  const minutes = Number((limitMs / MINUTE_MS).toPrecision(3));
  return {
    type: 'infeasible',
    code: 'time-limit',
    reason: `it trained for longer than the ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} that a trial may take, and had come to step ${step ?? 0}: raise limits.trialMinutes of the study, or train fewer epochs`,
  };
}

/** Waits for `ready`. A trainer that does not get there is killed; the text says why. */
export async function waitUntilReady(
  trainer: TrainerProcess,
  { limits, stop }: { readonly limits: Limits; readonly stop: AbortSignal },
): Promise<Extract<MessageFromTrainer, { type: 'ready' }> | { readonly type: 'not-ready'; readonly reason: string }> {
  const received = await trainer.receive({ limitMs: limits.readyMs, abort: stop });
  if (received.type === 'message' && received.message.type === 'ready') return received.message;
  await trainer.kill();
  return { type: 'not-ready', reason: describeNotReady(received) };
}

function describeNotReady(received: Received): string {
  switch (received.type) {
    case 'message':
      return `it said \`${received.message.type}\` before \`ready\``;
    case 'violation':
      return received.reason;
    case 'silent':
      return `it was not ready within ${Math.round(received.afterMs / 1000)} s`;
    case 'aborted':
      return 'stopped';
    case 'exited':
      return `it ${received.how}`;
  }
}

/**
 * A launcher such as Nx may pass Ctrl-C to the trainers as well as to us, and theirs may come first: an end without a word
 * is given a moment to turn out to be part of a stop.
 */
async function isPartOfStop(stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return true;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 500);
    stop.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
  return stop.aborted;
}
