/** How often scheduler and agents look, and how long they wait for each other, ms. */
import { InputError } from '@kinetune/study';

export interface SchedulingTimes {
  /** From one look for work to the next, where nothing rings. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** An agent that gave no sign of life for so long is taken for dead, and its trials are given to others. */
  readonly silentForMs: number;
  /** The lead ends so long after the leader's last sign of life. */
  readonly leaseMs: number;
  /** From one look for what was lost to the next. */
  readonly choresMs: number;
  /** From one comparison of the queue with the trials to the next. */
  readonly reconcileMs: number;
  /** Before something that failed is tried again. */
  readonly retryMs: number;
  /** For how long a free slot waits for a study that is owed one: its sampler may have to be started, and takes a second or two. */
  readonly patienceMs: number;
}

const DEFAULT_TIMES: SchedulingTimes = {
  pollMs: 500,
  heartbeatMs: 5_000,
  silentForMs: 30_000,
  leaseMs: 15_000,
  choresMs: 5_000,
  reconcileMs: 60_000,
  retryMs: 10_000,
  patienceMs: 5_000,
};

/**
 * The times, all shortened in proportion where KINETUNE_SILENT_AGENT_MS states how long an agent may be silent: it must be the same
 * in every process on one database.
 */
export function schedulingTimes(environment: NodeJS.ProcessEnv = process.env): SchedulingTimes {
  const text = environment.KINETUNE_SILENT_AGENT_MS ?? '';
  if (text === '') return DEFAULT_TIMES;
  const silentForMs = Number(text);
  if (!Number.isInteger(silentForMs) || silentForMs < 600) {
    throw new InputError(
      'silent-agent-limit',
      `KINETUNE_SILENT_AGENT_MS: expected whole milliseconds from 600 on, got ${text}`,
    );
  }
  const share = silentForMs / DEFAULT_TIMES.silentForMs;
  const scaled = (ms: number): number => Math.max(50, Math.round(ms * share));
  return {
    silentForMs,
    pollMs: Math.min(DEFAULT_TIMES.pollMs, scaled(DEFAULT_TIMES.pollMs)),
    heartbeatMs: scaled(DEFAULT_TIMES.heartbeatMs),
    leaseMs: scaled(DEFAULT_TIMES.leaseMs),
    choresMs: scaled(DEFAULT_TIMES.choresMs),
    reconcileMs: scaled(DEFAULT_TIMES.reconcileMs),
    retryMs: scaled(DEFAULT_TIMES.retryMs),
    patienceMs: DEFAULT_TIMES.patienceMs,
  };
}
