/**
 * The trainer's side of the protocol: one trial at a time, as the agent says, until the agent ends it or is gone. What does not
 * fit the protocol is answered or logged, and never ends the process.
 */
import type { TrialOutcome } from '@kinetune/models';
import {
  type EvaluateMessage,
  InputError,
  type MeasurementMessage,
  type MessageFromTrainer,
  messageToTrainer,
  type MessageToTrainer,
  type StartMessage,
} from '@kinetune/study';
import type { MessageChannel } from './message-channel.ts';

type Without<Type extends MessageFromTrainer['type']> = Omit<Extract<MessageFromTrainer, { type: Type }>, 'type'>;

export interface TrialReports {
  started(facts: Without<'started'>): Promise<void>;
  /** Shown between measurements; may be dropped. */
  progress(facts: Without<'progress'>): void;
  measured(measurement: Omit<MeasurementMessage, 'type'>): Promise<void>;
  /** Aborted when the trial is to stop at its next chance. */
  readonly stop: AbortSignal;
}

/** Trains one trial; throws what makes it `failed`. */
export type RunTrial = (start: StartMessage, reports: TrialReports) => Promise<TrialOutcome>;

/** Looks at the test people; throws what makes it `failed`. */
export type RunEvaluation = (request: EvaluateMessage) => Promise<Without<'evaluated'>>;

export interface ServeTrialsOptions {
  readonly channel: MessageChannel;
  readonly ready: Without<'ready'>;
  readonly runTrial: RunTrial;
  /** Answers `evaluate`; absent: this trainer cannot, and says so. */
  readonly runEvaluation?: RunEvaluation;
  /** A line of the trial's log. */
  readonly log: (line: string) => void;
  /** Aborted: stop what runs, say nothing more of it, and return. */
  readonly terminate: AbortSignal;
}

/** Resolves when the agent has said `shutdown`, closed its side or gone, or `terminate` was aborted; nothing runs then. */
export async function serveTrials({
  channel,
  ready,
  runTrial,
  runEvaluation,
  log,
  terminate,
}: ServeTrialsOptions): Promise<void> {
  let running: { readonly stop: AbortController; readonly end: Promise<void> } | undefined;
  /** Once true the agent has gone or does not listen: outcomes are not reported. */
  let isOver = false;

  const run = async (start: StartMessage, stop: AbortController): Promise<void> => {
    let outcome: MessageFromTrainer;
    try {
      outcome = await runTrial(start, {
        started: (facts) => channel.send({ type: 'started', ...facts }),
        progress: (facts) => channel.sendIfIdle({ type: 'progress', ...facts }),
        measured: (measurement) => channel.send({ type: 'measurement', ...measurement }),
        stop: stop.signal,
      });
    } catch (error) {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      outcome = { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
    running = undefined;
    if (!isOver) await channel.send(outcome);
  };

  const evaluate = async (request: EvaluateMessage): Promise<void> => {
    let answer: MessageFromTrainer;
    try {
      if (runEvaluation === undefined) throw new InputError('evaluate', 'this trainer cannot evaluate');
      answer = { type: 'evaluated', ...(await runEvaluation(request)) };
    } catch (error) {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      answer = { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
    running = undefined;
    if (!isOver) await channel.send(answer);
  };

  const hear = async (line: string): Promise<'go on' | 'shut down'> => {
    const parsed = parseMessage(line);
    if (parsed.type === 'not understood') {
      log(`not understood: ${parsed.reason}`);
      // A trial that cannot even be read would otherwise be waited for.
      if (parsed.isStart && running === undefined) await channel.send({ type: 'failed', reason: parsed.reason });
      return 'go on';
    }
    const { message } = parsed;
    switch (message.type) {
      case 'shutdown':
        return 'shut down';
      case 'stop':
        if (running === undefined) log(`stop (${message.reason}) came when no trial was running`);
        else running.stop.abort();
        return 'go on';
      case 'evaluate':
        if (running !== undefined) log('evaluate refused: a trial is running; wait for its end');
        else running = { stop: new AbortController(), end: evaluate(message) };
        return 'go on';
      case 'start': {
        if (running !== undefined) {
          log(`start of trial ${message.trial.id} refused: another is running; wait for its end or send stop`);
          return 'go on';
        }
        const stop = new AbortController();
        running = { stop, end: run(message, stop) };
        return 'go on';
      }
    }
  };

  const over = new Promise<void>((resolve) => {
    for (const signal of [terminate, channel.gone]) {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
  await channel.send({ type: 'ready', ...ready, ...(runEvaluation === undefined ? {} : { canEvaluate: true }) });
  const listen = async (): Promise<void> => {
    for await (const line of channel.lines) if ((await hear(line)) === 'shut down') return;
  };
  await Promise.race([listen(), over]);
  isOver = true;
  running?.stop.abort();
  await running?.end;
}

type Parsed =
  | { readonly type: 'message'; readonly message: MessageToTrainer }
  | { readonly type: 'not understood'; readonly reason: string; readonly isStart: boolean };

function parseMessage(line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      type: 'not understood',
      reason: `expected a JSON message a line, got ${JSON.stringify(line.slice(0, 120))}`,
      isStart: false,
    };
  }
  const result = messageToTrainer.safeParse(value);
  if (result.success) return { type: 'message', message: result.data };
  const type: unknown = (value as { readonly type?: unknown } | null)?.type;
  const issues = result.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'message'}: ${message}`,
  );
  return {
    type: 'not understood',
    reason: `not a message of trainer protocol 1 (type ${JSON.stringify(type)}): ${issues.join('; ')}`,
    isStart: type === 'start',
  };
}
