import type { Recording } from '../recording.ts';

interface JoinOptions {
  readonly windowLength: number;
  readonly channelCount: number;
  /** Of each window. */
  readonly subjects: readonly number[];
  readonly labels: readonly number[];
  readonly idPrefix: string;
}

/**
 * Joins windows, cut with half overlap in the order of time, into the stretches they were cut from. Window w + 1 continues
 * window w where person and label are the same and its first half equals the other's second half in every channel, to the
 * bit. A stretch of k windows has (k + 1) · length / 2 samples, hence gives back exactly these k windows.
 * @param windows a [W, length] array for each of the C channels
 */
export function joinHalfOverlapping(windows: readonly Float32Array[], options: JoinOptions): Recording[] {
  const { windowLength, channelCount, subjects, labels, idPrefix } = options;
  const half = windowLength / 2;
  const continues = (w: number): boolean => {
    if (w === 0 || subjects[w] !== subjects[w - 1] || labels[w] !== labels[w - 1]) return false;
    const from = w * windowLength;
    return windows.every((values) => {
      for (let i = 0; i < half; i++) if (values[from + i] !== values[from - half + i]) return false;
      return true;
    });
  };
  const recordings: Recording[] = [];
  const runs = new Map<number, number>();
  for (let first = 0; first < subjects.length;) {
    let next = first + 1;
    while (next < subjects.length && continues(next)) next++;
    const length = (next - first + 1) * half;
    const samples = new Float32Array(length * channelCount);
    for (const [channel, values] of windows.entries()) {
      for (let n = 0; n < length; n++) {
        // Sample n is in the first half of window n / half; the last half belongs to the last window.
        const window = Math.min(first + Math.floor(n / half), next - 1);
        samples[n * channelCount + channel] = values[window * windowLength + n - (window - first) * half] as number;
      }
    }
    const subject = subjects[first] as number;
    const run = (runs.get(subject) ?? 0) + 1;
    runs.set(subject, run);
    recordings.push({
      id: `${idPrefix}-subject-${subject}-run-${run}`,
      subject: String(subject),
      samples,
      segments: [{ start: 0, end: length, label: labels[first] as number }],
      facts: { set: idPrefix, firstWindow: first + 1, windows: next - first },
    });
    first = next;
  }
  return recordings;
}
