/** The trials that an agent trains, and the signs of life that keep them its own. */
import { heartbeat, type Database, type TrialWriter } from '@kinetune/storage';

export interface HeldTrials extends Disposable {
  /** Takes note of an attempt's writer while it lasts; `onLost` is told when its trial was taken away. */
  hold(writer: TrialWriter, onLost: (message: string) => void): () => void;
  readonly count: number;
  isHeld(trialId: string): boolean;
}

export interface HeldTrialsOptions {
  readonly agentId: string;
  readonly heartbeatMs: number;
  /** Without a sign of life for so long the agent is taken for dead. */
  readonly silentForMs: number;
  /** Told after each sign of life. */
  readonly onBeat?: () => void;
}

export function holdTrials(
  db: Database,
  { agentId, heartbeatMs, silentForMs, onBeat = () => {} }: HeldTrialsOptions,
): HeldTrials {
  const held = new Map<TrialWriter, (message: string) => void>();
  let heardAtMs = performance.now();
  let isBeating = false;
  const beat = async (): Promise<void> => {
    const fromMs = performance.now();
    try {
      const lost = await heartbeat(db, agentId, [...held.keys()]);
      heardAtMs = fromMs;
      for (const writer of lost) held.get(writer)?.('it was cancelled or given to another agent');
      onBeat();
    } catch {
      // A database that is away is met by the next write, which says so.
    }
  };
  const timer = setInterval(() => {
    // Others may soon train what we do, in the same folders: who cannot say that it lives stops first.
    if (performance.now() - heardAtMs > silentForMs - 2 * heartbeatMs) {
      for (const onLost of held.values()) onLost('the database could not be reached in time to keep it');
    }
    if (isBeating) return;
    isBeating = true;
    void beat().finally(() => (isBeating = false));
  }, heartbeatMs);
  return {
    hold(writer, onLost) {
      held.set(writer, onLost);
      return () => held.delete(writer);
    },
    get count() {
      return held.size;
    },
    isHeld: (id) => [...held.keys()].some(({ trialId }) => trialId === id),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
