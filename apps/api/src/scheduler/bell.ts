/** Wakes whoever in this process waits for work, so that nobody has to poll often. Other processes are found by polling. */

export interface Bell {
  ring(): void;
  /** How often it has rung: read it before looking, and wait with it afterwards, so that no ring in between is missed. */
  readonly rings: number;
  /** Until it has rung more than `rings` times, `limitMs` have passed, or the signal is aborted. */
  wait(rings: number, limitMs: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    ring() {
      count++;
      for (const wake of [...waiting]) wake();
    },
    get rings() {
      return count;
    },
    async wait(rings, limitMs, signal) {
      if (count > rings || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, limitMs);
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
