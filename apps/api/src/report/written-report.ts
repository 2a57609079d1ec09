/** The report of a study or of a study group, as `kinetune report` writes it. */
import { renderReportMarkdown } from '@kinetune/search';
import { listStudies, type Database } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { studyNamed } from '../studies/study-named.ts';
import { gatherReport } from './gather-report.ts';
import { gatherGroupReport } from './group-report.ts';
import { renderGroupReport } from './render-group-report.ts';

export interface WrittenReport {
  /** Of the study or the group. */
  readonly name: string;
  readonly markdown: string;
  /** The same for programs. */
  readonly report: object;
}

export interface ReportRequest {
  /** Of a study, or of a study group with several members; the latest study unless stated. */
  readonly name?: string | undefined;
  /** Number of the trial whose configuration is in use: the best replicated one is compared with it. */
  readonly baseline?: number | undefined;
}

/** Gives a study's report; another one than `gatherReport` where reports are kept. */
export type ReportOf = typeof gatherReport;

/** @throws InputError for a name that nothing has, and where there is no study. */
export async function writeReport(
  db: Database,
  { name, baseline, reportOf = gatherReport }: ReportRequest & { readonly reportOf?: ReportOf },
): Promise<WrittenReport> {
  const studies = await listStudies(db);
  const members = studies.filter(({ studyGroup }) => studyGroup !== null && studyGroup.name === name);
  if (members.length > 1) {
    const report = await gatherGroupReport(db, members);
    return { name: report.group, markdown: renderGroupReport(report), report };
  }
  const study = name === undefined ? studies.at(-1) : await studyNamed(db, name);
  if (study === undefined)
    throw new InputError(
      'no-study',
      'expected a study to report on, and there is none yet; start one with: kinetune train',
    );
  const report = await reportOf(db, study, { baseline });
  return { name: study.name, markdown: renderReportMarkdown(report), report };
}
