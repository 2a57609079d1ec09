import type { Windows } from './windows.ts';

/**
 * Those of `indices` that share no sample with an earlier kept one: windows overlap to give training more examples,
 * but overlapping windows are not independent evidence, so a score may be asked for without overlap.
 * @param indices windows in ascending order, as `partIndices` gives them.
 */
export function withoutOverlap(windows: Windows, indices: Int32Array): Int32Array {
  const endOfKept = new Map<number, number>();
  return indices.filter((w) => {
    const recording = windows.recording[w] as number;
    const start = windows.start[w] as number;
    if (start < (endOfKept.get(recording) ?? 0)) return false;
    endOfKept.set(recording, start + windows.length);
    return true;
  });
}
