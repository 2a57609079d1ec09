/**
 * Computes reports on a thread of its own, which holds the studies that were reported on last: what is read and sent of one of them is
 * what has changed since. It ends when it has had nothing to do for a while. One report at a time: there is one thread.
 */
import { Worker } from 'node:worker_threads';
import type { RoundReport } from '@kinetune/search';
import type { TrialResult } from '@kinetune/storage';
import type { StudyChanges } from './held-study.ts';
import type { MeasuredTrial } from './report-input.ts';

export type ReportRequest = { readonly studyId: string } & (
  | { readonly type: 'change'; readonly changes: StudyChanges }
  | { readonly type: 'report' }
  // These have no answer.
  | { readonly type: 'measure'; readonly measured: readonly MeasuredTrial[] }
  | { readonly type: 'forget' }
);

export type ReportAnswer =
  { readonly wanted: readonly TrialResult[] } | { readonly report: string } | { readonly error: string };

/** Where a study is read. */
export interface ReportSource {
  readonly studyId: string;
  /** What has changed after a sequence of the study's, with everything that is up to date after it; all of it without one. */
  changesAfter(sequence: number | undefined): Promise<StudyChanges & { readonly sequence: number }>;
  measuredOf(trials: readonly TrialResult[]): Promise<readonly MeasuredTrial[]>;
}

export interface ComputedReport {
  readonly report: RoundReport;
  /** The study's last change that it has seen. */
  readonly sequence: number;
}

interface Thread {
  readonly worker: Worker;
  /** Up to where each study is held, the one that was reported on longest ago first. */
  readonly held: Map<string, number>;
}

const IDLE_MS = 600_000;
/** A study of ten thousand trials with long curves takes about 100 MB. */
const MOST_HELD = 4;
/** Copying a hundred curves of thousands of measurements in one go would hold up this thread. */
const CURVES_AT_ONCE = 20;

let thread: Thread | undefined;
let idle: NodeJS.Timeout | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** As `gatherReport`, without holding up this thread. @throws Error when the computation fails or its thread dies. */
export function computeReport(source: ReportSource): Promise<ComputedReport> {
  const next = turn.then(() => compute(source));
  turn = next.catch(() => {});
  return next;
}

async function compute(source: ReportSource): Promise<ComputedReport> {
  clearTimeout(idle);
  const { studyId } = source;
  const used = (thread ??= startThread());
  try {
    const { sequence, ...changes } = await source.changesAfter(used.held.get(studyId));
    used.held.delete(studyId);
    const taken = await ask(used, { studyId, type: 'change', changes });
    if (!('wanted' in taken)) throw new Error('expected the thread that computes reports to say what it wants');
    for (let from = 0; from < taken.wanted.length; from += CURVES_AT_ONCE) {
      const measured = await source.measuredOf(taken.wanted.slice(from, from + CURVES_AT_ONCE));
      used.worker.postMessage({ studyId, type: 'measure', measured } satisfies ReportRequest);
    }
    const made = await ask(used, { studyId, type: 'report' });
    if (!('report' in made)) throw new Error('expected the thread that computes reports to give one');
    used.held.set(studyId, sequence);
    for (const oldest of used.held.keys()) {
      if (used.held.size <= MOST_HELD) break;
      used.held.delete(oldest);
      used.worker.postMessage({ studyId: oldest, type: 'forget' } satisfies ReportRequest);
    }
    return { report: JSON.parse(made.report) as RoundReport, sequence };
  } finally {
    idle = setTimeout(() => {
      if (thread === used) thread = undefined;
      void used.worker.terminate();
    }, IDLE_MS).unref();
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { execArgv: [] });
  // It keeps no process alive that has nothing else to do.
  worker.unref();
  const started: Thread = { worker, held: new Map() };
  const end = (): void => {
    if (thread === started) thread = undefined;
  };
  worker.on('error', end).on('exit', end);
  return started;
}

/** @throws Error for one that the thread answers, and when it dies first. */
function ask({ worker }: Thread, request: ReportRequest): Promise<Exclude<ReportAnswer, { readonly error: string }>> {
  return new Promise((resolve, reject) => {
    const died = (reason: unknown): void => {
      const how = reason instanceof Error ? (reason.stack ?? reason.message) : `it ended with code ${String(reason)}`;
      settle(() => reject(new Error(`the thread that computes reports died: ${how}`)));
    };
    const answered = (answer: ReportAnswer): void =>
      settle(() => ('error' in answer ? reject(new Error(answer.error)) : resolve(answer)));
    const settle = (how: () => void): void => {
      worker.off('message', answered).off('error', died).off('exit', died);
      how();
    };
    worker.on('message', answered).on('error', died).on('exit', died);
    worker.postMessage(request);
  });
}
