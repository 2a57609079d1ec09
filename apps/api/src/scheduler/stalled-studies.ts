/** Studies whose queued trials nobody takes although slots are free: no machine here has their data, say. Others get their share. */
import type { StudyLoad } from '@kinetune/storage';

export interface StalledStudies {
  /** The ids of those that have waited for longer than `patienceMs`, as of this look. */
  look(loads: readonly StudyLoad[], now: { readonly free: number; readonly nowMs: number }): ReadonlySet<string>;
}

export function watchStalled(patienceMs: number): StalledStudies {
  let seen = new Map<string, { readonly counts: string; readonly sinceMs: number }>();
  return {
    look(loads, { free, nowMs }) {
      const next: typeof seen = new Map();
      for (const { study, queued, running } of loads) {
        if (queued === 0) continue;
        const counts = `${queued} ${running}`;
        const before = seen.get(study.id);
        const isUntaken = before?.counts === counts;
        // Once others have its slots, none is free: it stays stalled until somebody takes a trial of it.
        const isStalled = isUntaken && nowMs - before.sinceMs > patienceMs;
        if (free > 0 || isStalled) next.set(study.id, isUntaken ? before : { counts, sinceMs: nowMs });
      }
      seen = next;
      return new Set([...next].filter(([, { sinceMs }]) => nowMs - sinceMs > patienceMs).map(([id]) => id));
    },
  };
}
