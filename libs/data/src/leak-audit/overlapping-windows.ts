import type { Windows } from '../windows/windows.ts';

/** Of two parts: how many pairs of windows share a sample, and which windows of the second part are in one. */
export interface Overlap {
  readonly pairCount: number;
  /** Ascending. */
  readonly windows: readonly number[];
}

/**
 * Windows of one recording that share samples but not their part.
 * @param partOf [W] index of the part, -1 for none.
 * @returns by pair of parts: `01` is between parts 0 and 1.
 */
export function overlappingWindows(
  windows: Pick<Windows, 'recording' | 'start' | 'length'>,
  partOf: Int8Array,
): ReadonlyMap<string, Overlap> {
  const { recording, start, length } = windows;
  const order = Array.from(recording.keys()).sort(
    (a, b) => (recording[a] as number) - (recording[b] as number) || (start[a] as number) - (start[b] as number),
  );
  const found = new Map<string, { pairCount: number; readonly windows: Set<number> }>();
  for (let i = 0; i < order.length; i++) {
    const a = order[i] as number;
    for (let j = i + 1; j < order.length; j++) {
      const b = order[j] as number;
      if (recording[a] !== recording[b] || (start[b] as number) >= (start[a] as number) + length) break;
      const [first, second] = (partOf[a] as number) < (partOf[b] as number) ? [a, b] : [b, a];
      if (partOf[first] === partOf[second] || (partOf[first] as number) < 0) continue;
      const key = `${partOf[first]}${partOf[second]}`;
      const overlap = found.get(key) ?? { pairCount: 0, windows: new Set<number>() };
      overlap.pairCount += 1;
      overlap.windows.add(second);
      found.set(key, overlap);
    }
  }
  return new Map(
    [...found].map(([key, overlap]) => [
      key,
      { pairCount: overlap.pairCount, windows: [...overlap.windows].sort((a, b) => a - b) },
    ]),
  );
}
