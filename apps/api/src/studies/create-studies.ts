/** Creates the studies that a request over the network asks for, by the path that `kinetune train` takes. */
import {
  createStudy,
  findStudyByName,
  once,
  retryFailedTrials,
  setStudyState,
  type Database,
  type NewStudy,
  type Study,
} from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { trainerCommand } from '../agent/trainer-command.ts';
import { workspaceRoot } from '../command-line/paths.ts';
import { allowedPath, type AllowedFolders } from './allowed-path.ts';
import { checkStudy, type StudyCheck } from './check-study.ts';
import type { DataSummary } from './data-summary.ts';
import { openStudy } from './open-study.ts';
import { surveyData } from './prepare-data.ts';
import { prepareTrials, type PreparedTrials } from './prepare-trials.ts';
import type { ResolvedStudy } from './resolve-study.ts';

/**
 * What to do where a study of the name exists. refuse: nothing. continue: as `kinetune train` does, go on with the study where it is
 * the same one, extend it, or start `name.2` beside it. start-afresh: start `name.2` beside it in any case.
 */
export const EXISTING_STUDY_RULES = ['refuse', 'continue', 'start-afresh'] as const;
export type ExistingStudyRule = (typeof EXISTING_STUDY_RULES)[number];

export interface CreateRequest {
  /** Several for a study group. */
  readonly studies: readonly ResolvedStudy[];
  /** Where recordings are imported from whose study file names no path; absolute, and allowed already. */
  readonly dataFolder: string | undefined;
  /** A control whose labels are permuted. */
  readonly isControl: boolean;
  readonly existing: ExistingStudyRule;
  readonly state: 'RUNNING' | 'PAUSED';
  /** The budget was asked for beside the study file: it may cut what an earlier request extended the study to. */
  readonly isBudgetStated: boolean;
  readonly isDryRun: boolean;
  /** With the request as it came: a retry creates nothing twice. */
  readonly idempotency: { readonly key: string; readonly request: unknown } | undefined;
}

export interface CreateOptions extends AllowedFolders {
  readonly db: Database;
}

export interface CheckedStudy {
  readonly check: StudyCheck;
  /** What the recordings hold and what the leak audit says; null where the trainer brings its own. */
  readonly data: DataSummary | null;
}

export interface CreatedStudies {
  /** Ids in the order of a group's choices; none for a dry run. */
  readonly studyIds: readonly string[];
  readonly checks: readonly CheckedStudy[];
  /** What was decided about studies that exist, for people. */
  readonly remarks: readonly string[];
}

/**
 * Checks, prepares the data, and creates: all members of a group or none.
 * @throws InputError for what cannot be used; EnvironmentError where the recordings cannot be had. Nothing is created then.
 */
export async function createStudies(request: CreateRequest, options: CreateOptions): Promise<CreatedStudies> {
  const { db, home } = options;
  const { studies, existing, isControl, idempotency, isDryRun } = request;
  for (const { trainer } of studies) trainerCommand(workspaceRoot, { trainer });
  const checks = studies.map(checkStudy);
  // A retry finds the study that its first try created.
  if (existing === 'refuse' && (idempotency === undefined || isDryRun))
    for (const { name } of studies) await requireNewName(db, name);
  const located = await Promise.all(studies.map((study) => withAllowedPath(study, request.dataFolder, options)));
  const remarks: string[] = [];
  const prepareOptions = {
    db,
    home,
    workspaceRoot,
    dataFolder: undefined,
    resolvePath: (path: string) => path,
    onProgress: () => {},
    onWarning: (warning: string) => void remarks.push(warning),
    signal: new AbortController().signal,
    isControl,
  };
  if (isDryRun) {
    const checked = [];
    for (const [index, { data: spec }] of located.entries()) {
      const data = spec === null ? null : (await surveyData(spec, prepareOptions)).summary;
      checked.push({ check: checks[index] as StudyCheck, data });
    }
    return { studyIds: [], checks: checked, remarks };
  }
  const prepared: PreparedTrials[] = [];
  for (const study of located) prepared.push(await prepareTrials(study, prepareOptions));
  const create = async (tx: Database): Promise<Pick<CreatedStudies, 'studyIds' | 'remarks'>> => {
    const opened = [];
    for (const { study } of prepared) opened.push(await open(tx, study, request));
    return {
      studyIds: opened.map(({ study }) => study.id),
      remarks: opened.flatMap((one) => one.remarks),
    };
  };
  const created =
    idempotency === undefined
      ? await db.transaction(create)
      : await once(db, { operation: 'createStudy', ...idempotency }, create);
  return {
    studyIds: created.studyIds,
    remarks: [...remarks, ...created.remarks],
    checks: checks.map((check, index) => ({ check, data: prepared[index]?.data?.summary ?? null })),
  };
}

async function open(
  tx: Database,
  wanted: NewStudy,
  { existing, state, isBudgetStated }: CreateRequest,
): Promise<{ readonly study: Study; readonly remarks: readonly string[] }> {
  if (existing === 'refuse') return { study: await createStudy(tx, wanted, { state }), remarks: [] };
  const { study, remarks } = await openStudy(tx, wanted, { isFresh: existing === 'start-afresh', isBudgetStated });
  const retried = await retryFailedTrials(tx, study.id);
  if (state === 'PAUSED') await setStudyState(tx, study.id, 'PAUSED');
  return {
    study,
    remarks:
      retried.length === 0 ? remarks : [...remarks, `Trials that failed before are tried again: ${retried.length}.`],
  };
}

async function requireNewName(db: Database, name: string): Promise<void> {
  if ((await findStudyByName(db, name)) === undefined) return;
  const message = `expected a new name for a study, got ${name}: a study has it. Choose another name, or ask for \`existing: CONTINUE\` to go on with it`;
  throw new InputError('study-exists', message, { problems: [{ field: ['name'], message }] });
}

/** The study with the real path of its recordings, which the operator allows. */
async function withAllowedPath(
  study: ResolvedStudy,
  dataFolder: string | undefined,
  folders: AllowedFolders,
): Promise<ResolvedStudy> {
  const { data } = study;
  if (data === null) {
    if (dataFolder === undefined) return study;
    throw new InputError(
      'data-not-used',
      `expected no data folder: ${study.name} names no data, its trainer brings its own`,
    );
  }
  const { path: asked } = data;
  if (asked !== undefined) {
    const path = await within(['data', 'path'], () => allowedPath(asked, folders));
    return { ...study, data: { ...data, path } };
  }
  if (dataFolder === undefined || data.dataset === 'watch' || data.dataset === 'synthetic') return study;
  return { ...study, data: { ...data, path: dataFolder } };
}

/** Lets a refusal name the study file's field. */
async function within<T>(field: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.message, { problems: [{ field, message: error.message }] });
  }
}
