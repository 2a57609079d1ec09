/** The thread that recordings are read and cut on. */
import { cutWindows, type Windows } from '@kinetune/data';
import type { WindowsRequest } from './build-windows.ts';
import { readRecordings } from './locate-recordings.ts';
import { answerRequest } from './run-on-thread.ts';

await answerRequest(
  async ({ spec, path }: WindowsRequest): Promise<Windows> => cutWindows(await readRecordings(spec, path), spec.window),
  (windows) =>
    [windows.samples, windows.label, windows.subject, windows.recording, windows.start].map(
      ({ buffer }) => buffer as ArrayBuffer,
    ),
);
