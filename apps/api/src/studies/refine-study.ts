/** From what a study explored to the study file that exploits it. */
import type { RefinedSpace } from '@kinetune/search';
import type { Database, Study } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { gatherReport } from '../report/gather-report.ts';
import type { ReportOf } from '../report/written-report.ts';
import { exploitationFile } from './exploitation-file.ts';

export interface RefineRequest {
  /** Exploit the space as it was explored although the checks fail, and why. */
  readonly override?: string | undefined;
  /** Its budget; that of the study unless stated. */
  readonly trials?: number | undefined;
}

export interface RefinedStudy {
  readonly check: RefinedSpace;
  readonly override: string | null;
  readonly yaml: string;
}

/** @throws InputError while the boundaries or the best region are in doubt, unless that is overridden with a reason. */
export async function refineStudy(
  db: Database,
  study: Study,
  { reportOf = gatherReport, ...request }: RefineRequest & { readonly reportOf?: ReportOf },
): Promise<RefinedStudy> {
  const override = request.override?.trim();
  if (override === '')
    throw new InputError('override-without-reason', 'override: expected a reason to go on all the same, got none');
  const { refinedSpace: check } = await reportOf(db, study);
  if (check.numbers.space === null && override === undefined) {
    const advice = check.next === null ? '' : ` Next: ${check.next.text}.`;
    throw new InputError(
      'refine-refused',
      `${study.name} is not ready to be exploited (${check.verdict}): ${check.reason}.${advice} Or go on all the same in the space as it was explored: --override "<reason>"`,
    );
  }
  const yaml = exploitationFile(study, { check, override, trials: request.trials });
  return { check, override: override ?? null, yaml };
}
