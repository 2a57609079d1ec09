/** The thread that reports are computed on: one of ten thousand trials takes a while, in which the server must answer others. */
import { parentPort } from 'node:worker_threads';
import { invariant } from '@kinetune/study';
import { holdStudy, type HeldStudy } from './held-study.ts';
import type { ReportAnswer, ReportRequest } from './report-thread.ts';

invariant(parentPort !== null, 'report-worker is started as a thread');
const port = parentPort;
const held = new Map<string, HeldStudy>();
port.on('message', (request: ReportRequest) => {
  const { studyId } = request;
  try {
    const answer = answerTo(request);
    if (answer !== undefined) port.postMessage(answer);
  } catch (error) {
    // What is half taken in is good for nothing.
    held.delete(studyId);
    port.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

function answerTo(request: ReportRequest): ReportAnswer | void {
  const { studyId } = request;
  if (request.type === 'forget') return void held.delete(studyId);
  const study = held.get(studyId) ?? holdStudy();
  held.set(studyId, study);
  if (request.type === 'measure') return study.measure(request.measured);
  if (request.type === 'change') return { wanted: study.change(request.changes) };
  // One string crosses between threads faster than the tree that it stands for.
  return { report: JSON.stringify(study.report()) };
}
