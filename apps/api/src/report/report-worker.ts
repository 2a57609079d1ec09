/** The thread that reports are computed on: one of ten thousand trials takes seconds, in which the server must answer others. */
import { parentPort } from 'node:worker_threads';
import { roundReport, type ReportInput } from '@kinetune/search';
import { invariant } from '@kinetune/study';

invariant(parentPort !== null, 'report-worker is started as a thread');
const port = parentPort;
port.on('message', ({ id, input }: { readonly id: number; readonly input: ReportInput }) => {
  try {
    // One string crosses between threads faster than the tree that it stands for.
    port.postMessage({ id, report: JSON.stringify(roundReport(input)) });
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
