import type { Windows } from '../windows/windows.ts';

/**
 * Windows whose signal occurs, bit for bit, in an earlier part at another place: a file published twice, a person under
 * two names. The same window of the same recording in two parts is not counted here: it shares samples.
 * @param partOf [W] index of the part, -1 for none.
 * @returns window indices of the second part, ascending, by pair of parts: `01` is between parts 0 and 1.
 */
export function duplicateWindows(
  windows: Pick<Windows, 'samples' | 'recording' | 'start' | 'length' | 'channels'>,
  partOf: Int8Array,
): ReadonlyMap<string, readonly number[]> {
  const size = windows.length * windows.channels.length;
  const bits = new Int32Array(windows.samples.buffer, windows.samples.byteOffset, windows.samples.length);
  const byHash = new Map<number, number[]>();
  partOf.forEach((part, w) => {
    if (part < 0) return;
    const hash = hashOf(bits, w * size, size);
    const others = byHash.get(hash);
    if (others === undefined) byHash.set(hash, [w]);
    else others.push(w);
  });
  const found = new Map<string, Set<number>>();
  for (const candidates of byHash.values()) {
    // Sorted by part: the second of a pair is never in an earlier one.
    candidates.sort((a, b) => (partOf[a] as number) - (partOf[b] as number) || a - b);
    candidates.forEach((second, i) => {
      for (const first of candidates.slice(0, i)) {
        if (partOf[first] === partOf[second]) continue;
        const isSamePlace =
          windows.recording[first] === windows.recording[second] && windows.start[first] === windows.start[second];
        if (isSamePlace || !isEqual(bits, first * size, { other: second * size, size })) continue;
        const key = `${partOf[first]}${partOf[second]}`;
        const set = found.get(key) ?? new Set<number>();
        set.add(second);
        found.set(key, set);
      }
    });
  }
  return new Map([...found].map(([key, set]) => [key, [...set].sort((a, b) => a - b)]));
}

/** A 32-bit hash (multiply and rotate); equal hashes are compared in full. */
function hashOf(bits: Int32Array, from: number, size: number): number {
  let hash = 0x9747b28c | 0;
  for (let i = from; i < from + size; i++) {
    hash = Math.imul(hash ^ (bits[i] as number), 0x5bd1e995);
    hash = (hash << 13) | (hash >>> 19);
  }
  return hash;
}

function isEqual(bits: Int32Array, at: number, { other, size }: { readonly other: number; readonly size: number }) {
  for (let i = 0; i < size; i++) if (bits[at + i] !== bits[other + i]) return false;
  return true;
}
