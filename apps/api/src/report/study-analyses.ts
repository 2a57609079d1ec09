/**
 * Analyses of studies, computed once after each change and kept: in memory, and in the database for the next process. What changes a
 * study is its events but for measurements and checkpoints: an analysis looks at the curves of trials that have ended.
 */
import { CURVE_DIAGNOSIS_VERSION, REPORT_VERSION, type RoundReport } from '@kinetune/search';
import {
  findAnalyses,
  findStudy,
  lastChanges,
  listTrialResults,
  samplerEngines,
  saveAnalysis,
  type Database,
  type StoredAnalysis,
  type Study,
} from '@kinetune/storage';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { readMeasured } from './gather-report.ts';
import { computeReport } from './report-thread.ts';

export interface StudyAnalysis {
  readonly study: Study;
  readonly report: RoundReport;
  /** Sequence of the study's last change that it has seen. */
  readonly sequence: number;
  /** Nothing has changed since. */
  readonly isCurrent: boolean;
  readonly computedAt: Date;
}

export interface AnalysesOptions {
  /** Gives the last one, if there is any, and computes the next one meanwhile. */
  readonly mayBeOld: boolean;
}

interface Kept {
  /** The one that was used longest ago comes first. */
  readonly analyses: Map<string, StoredAnalysis>;
  /** The last one of each study that is being computed or waits for its turn. */
  readonly pending: Map<string, Pending>;
}

interface Pending {
  /** It has seen at least this change. */
  readonly sequence: number;
  readonly analysis: Promise<StoredAnalysis>;
}

/** Another one computes reports that were kept again. */
const VERSION = `${REPORT_VERSION}.${CURVE_DIAGNOSIS_VERSION}`;
/** A report of ten thousand trials is a few megabytes. */
const MOST_KEPT = 32;

const keptOf = new WeakMap<Database, Kept>();

/** By study, in a few queries where nothing has changed since they were computed. */
export async function studyAnalyses(
  db: Database,
  studies: readonly Study[],
  { mayBeOld }: AnalysesOptions,
): Promise<ReadonlyMap<string, StudyAnalysis>> {
  const kept: Kept = keptOf.get(db) ?? { analyses: new Map(), pending: new Map() };
  keptOf.set(db, kept);
  const ids = studies.map(({ id }) => id);
  const sequences = await lastChanges(db, ids);
  const stored = await findAnalyses(
    db,
    ids.filter((id) => kept.analyses.get(id)?.sequence !== sequences.get(id)),
  );
  // Taken out before any is used: what is used may put others out of memory.
  const lasts = new Map(ids.map((id) => [id, lastOf(stored.get(id)) ?? kept.analyses.get(id)]));
  const found = await Promise.all(
    studies.map(async (study): Promise<readonly [string, StudyAnalysis]> => {
      const sequence = sequences.get(study.id) ?? 0;
      const last = lasts.get(study.id);
      if (last?.sequence === sequence) {
        keep(kept, last);
        return [study.id, shown(study, last, { isCurrent: true })];
      }
      if (!mayBeOld || last === undefined) {
        const next = await computeOnce(db, study, { kept, sequence });
        return [study.id, shown(study, next, { isCurrent: true })];
      }
      // A study that changes faster than it is analysed has one analysis under way and none in waiting; its failure is told to those
      // who wait for it.
      if (!kept.pending.has(study.id)) computeOnce(db, study, { kept, sequence }).catch(() => {});
      return [study.id, shown(study, last, { isCurrent: false })];
    }),
  );
  return new Map(found);
}

/** Whatever another version computed is as good as nothing. */
function lastOf(stored: StoredAnalysis | undefined): StoredAnalysis | undefined {
  return stored?.version === VERSION ? stored : undefined;
}

function shown(study: Study, analysis: StoredAnalysis, { isCurrent }: { readonly isCurrent: boolean }): StudyAnalysis {
  const { report, sequence, computedAt } = analysis;
  return { study, report: report as RoundReport, sequence, isCurrent, computedAt };
}

interface Computation {
  readonly kept: Kept;
  readonly sequence: number;
}

/** One after the other for each study: all who wait get the first one that has seen what they ask for. */
function computeOnce(db: Database, study: Study, { kept, sequence }: Computation): Promise<StoredAnalysis> {
  const before = kept.pending.get(study.id);
  if (before !== undefined && before.sequence >= sequence) return before.analysis;
  const next = async (): Promise<StoredAnalysis> => {
    await before?.analysis.catch(() => {});
    const last = kept.analyses.get(study.id);
    if (last !== undefined && last.sequence >= sequence) return last;
    const analysis = await compute(db, study);
    keep(kept, analysis);
    return analysis;
  };
  const pending: Pending = {
    sequence,
    analysis: next().finally(() => {
      if (kept.pending.get(study.id) === pending) kept.pending.delete(study.id);
    }),
  };
  kept.pending.set(study.id, pending);
  return pending.analysis;
}

async function compute(db: Database, asked: Study): Promise<StoredAnalysis> {
  const studyId = asked.id;
  const { report, sequence } = await computeReport({
    studyId,
    async changesAfter(known) {
      await diagnoseLeft(db, asked, { stop: new AbortController().signal, changedAfter: known });
      // Diagnoses that were missing are changes themselves; what comes after this sequence may be in the evidence or not.
      const now = (await lastChanges(db, [studyId])).get(studyId) ?? 0;
      const study = (await findStudy(db, studyId)) ?? asked;
      const trials = await listTrialResults(db, studyId, { changedAfter: known });
      return { study, trials, engines: await samplerEngines(db, studyId), sequence: now };
    },
    measuredOf: (trials) => readMeasured(db, asked, trials),
  });
  const analysis = { studyId, sequence, version: VERSION, report };
  await saveAnalysis(db, analysis);
  return { ...analysis, computedAt: new Date() };
}

function keep({ analyses }: Kept, analysis: StoredAnalysis): void {
  analyses.delete(analysis.studyId);
  analyses.set(analysis.studyId, analysis);
  for (const oldest of analyses.keys()) {
    if (analyses.size <= MOST_KEPT) return;
    analyses.delete(oldest);
  }
}
