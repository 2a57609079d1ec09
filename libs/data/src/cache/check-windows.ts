import { InputError } from '@kinetune/study';
import type { Windows } from '../windows/windows.ts';

/**
 * Refuses windows whose arrays do not fit each other: lengths, and indices into labels, subjects and recordings.
 * @throws InputError naming the file they come from or go to.
 */
export function checkWindows(windows: Windows, file: string): void {
  const count = windows.label.length;
  const fail = (message: string): never => {
    throw new InputError('windows-inconsistent', message, { file });
  };
  const expected = count * windows.length * windows.channels.length;
  if (windows.samples.length !== expected) {
    fail(
      `expected samples of ${count} x ${windows.length} x ${windows.channels.length} = ${expected} numbers, ` +
        `got ${windows.samples.length}`,
    );
  }
  for (const [name, names] of [
    ['label', windows.labels],
    ['subject', windows.subjects],
    ['recording', windows.recordings],
  ] as const) {
    const indices = windows[name];
    if (indices.length !== count) fail(`expected ${count} entries in ${name}, got ${indices.length}`);
    const wrong = indices.find((index) => index < 0 || index >= names.length);
    if (wrong !== undefined) fail(`expected ${name} indices below ${names.length}, got ${wrong}`);
  }
  if (windows.start.length !== count) fail(`expected ${count} entries in start, got ${windows.start.length}`);
}
