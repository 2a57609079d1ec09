/** A start and what comes of it, held to the same rules as the agent holds it to. */
import type { MeasurementMessage, MessageFromTrainer, StartMessage } from '@kinetune/study';
import type { TrainerProcess } from '../agent/trainer-process.ts';
import { runTrial, type Limits, type TrialOutcome } from '../agent/trial-run.ts';

export interface Attempt {
  readonly started: Extract<MessageFromTrainer, { type: 'started' }> | undefined;
  readonly measurements: readonly MeasurementMessage[];
  readonly outcome: TrialOutcome;
  /** The longest time without a message. */
  readonly longestSilenceMs: number;
}

export interface AttemptOptions {
  readonly limits: Limits;
  /** What is done at the n-th measurement, counted from 1; nothing unless stated. */
  readonly interrupt?: { readonly at: number; readonly by: 'stop' | 'kill' };
}

export async function attempt(
  trainer: TrainerProcess,
  start: StartMessage,
  { limits, interrupt }: AttemptOptions,
): Promise<Attempt> {
  const measurements: MeasurementMessage[] = [];
  const stop = new AbortController();
  let started: Attempt['started'];
  let heardAt = performance.now();
  let longestSilenceMs = 0;
  const hear = (): void => {
    longestSilenceMs = Math.max(longestSilenceMs, performance.now() - heardAt);
    heardAt = performance.now();
  };
  const outcome = await runTrial(trainer, start, {
    limits,
    stop: stop.signal,
    prune: new AbortController().signal,
    observer: {
      onStarted(message) {
        hear();
        started = message;
      },
      onProgress: hear,
      onMeasurement(message) {
        hear();
        measurements.push(message);
        if (measurements.length !== interrupt?.at) return;
        if (interrupt.by === 'stop') stop.abort();
        else void trainer.kill();
      },
    },
  });
  hear();
  return { started, measurements, outcome, longestSilenceMs };
}

/** How an attempt ended, in words. */
export function describeOutcome(outcome: TrialOutcome): string {
  switch (outcome.type) {
    case 'completed':
      return `completed, best ${outcome.bestValue} at step ${outcome.bestStep}`;
    case 'infeasible':
      return `infeasible (${outcome.code}): ${outcome.reason}`;
    case 'stopped':
    case 'pruned':
      return `stopped at step ${outcome.step ?? 0}`;
    case 'failed':
    case 'not-begun':
      return outcome.reason;
  }
}
