/** A trial's log: what its trainer writes to stdout and stderr, appended to a file that is kept within a bound. */
import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of a trial's log that are kept; TensorFlow alone writes a few hundred a start. */
export const TRIAL_LOG_BOUND_BYTES = 4_000_000;

export interface TrialLog extends Disposable {
  write(chunk: Buffer | string): void;
}

/** Opens the log for appending: attempts of one trial follow each other in one file. */
export function openTrialLog(file: string, boundBytes: number = TRIAL_LOG_BOUND_BYTES): TrialLog {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a');
  let left = boundBytes - statSync(file).size;
  let isOpen = true;
  return {
    write(chunk) {
      if (!isOpen || left <= 0) return;
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      const kept = bytes.subarray(0, left);
      left -= kept.length;
      try {
        writeSync(descriptor, kept);
        if (left <= 0) writeSync(descriptor, `\n[the log ends here: its bound of ${boundBytes} bytes is reached]\n`);
      } catch {
        // A full disk must not end the trial for its log's sake; the database says so where it matters.
        left = 0;
      }
    },
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
