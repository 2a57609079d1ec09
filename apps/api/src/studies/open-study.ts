/** Finds or creates the study that a command asks for, and says which and why. */
import { isDeepStrictEqual } from 'node:util';
import {
  addSpaceVersion,
  createStudy,
  findStudy,
  listStudies,
  requireTrainable,
  nextConfigurationNumber,
  setArchived,
  setExploit,
  setStudySplit,
  setStudyState,
  setStudyWords,
  updateStudyBudget,
  type Database,
  type NewStudy,
  type Study,
} from '@kinetune/storage';
import { invariant } from '@kinetune/study';
import { count } from '../terminal/format.ts';
import { chooseStudy, type StudyChoice } from './choose-study.ts';
import { checkEarlierStudy } from './earlier-study.ts';
import { hasSecondPhaseBegun } from '../agent/search-plan.ts';

export interface OpenedStudy {
  readonly study: Study;
  /** What was decided, for people; empty for a first start. */
  readonly remarks: readonly string[];
}

export interface OpenStudyOptions {
  /** Start anew even where the same study exists. */
  readonly isFresh: boolean;
  /** The budget was asked for just now, and may cut what an earlier command extended the study to. */
  readonly isBudgetStated: boolean;
}

export async function openStudy(
  db: Database,
  wanted: NewStudy,
  { isFresh, isBudgetStated }: OpenStudyOptions,
): Promise<OpenedStudy> {
  const studies = await listStudies(db);
  for (const study of studies) if (study.name === wanted.name) requireTrainable(study);
  const choice = chooseStudy(studies, wanted, { isFresh });
  if (choice.type === 'create') {
    const trust = await checkEarlierStudy(db, choice.study);
    const study = await createStudy(db, choice.study);
    if (choice.other === undefined) return { study, remarks: trust };
    const { name, changes } = choice.other;
    return {
      study,
      remarks: isFresh
        ? [`Starting afresh as ${study.name}; ${name} stays as it is.`, ...trust]
        : [
            `This is another study than ${name}, so it is started as ${study.name}. What changed:`,
            ...changes.map((change) => `  ${change}`),
            ...trust,
          ],
    };
  }
  const remarks: string[] = [];
  const before = choice.study;
  if (wanted.splitHash !== null) await setStudySplit(db, before.id, wanted.splitHash);
  const isCut = wanted.budget.trials < before.budget.trials;
  if (before.budget.trials !== wanted.budget.trials && (!isCut || isBudgetStated)) {
    await updateStudyBudget(db, before.id, wanted.budget);
    const verb = isCut ? 'cut' : 'extended';
    remarks.push(
      `The budget of ${before.name} is ${verb} from ${before.budget.trials} to ${count(wanted.budget.trials, 'trial')}.`,
    );
  }
  remarks.push(...(await applyWidening(db, choice)), ...(await applyPlan(db, before, wanted)));
  if (before.archivedAt !== null) {
    await setArchived(db, before.id, false);
    remarks.push(`${before.name} was archived; it is in use again.`);
  }
  if (before.state === 'PAUSED') await setStudyState(db, before.id, 'RUNNING');
  if (before.goal !== wanted.goal) remarks.push(`The study keeps the goal it was started with: ${before.goal}`);
  const study = await findStudy(db, before.id);
  invariant(study !== undefined, 'a study that was found is there');
  return { study, remarks };
}

/** The wider space becomes the study's next version; its trials stay trials of it. */
async function applyWidening(
  db: Database,
  { study, widened }: Extract<StudyChoice, { type: 'continue' }>,
): Promise<readonly string[]> {
  if (widened === undefined) return [];
  await addSpaceVersion(db, study.id, widened.space);
  const first = await nextConfigurationNumber(db, study.id);
  return [
    `The space of ${study.name} is widened and keeps its ${count(first, 'configuration')}; the next ones are drawn from the wider space:`,
    ...widened.changes.map((change) => `  ${change}`),
  ];
}

/** Limits of the analysis and of trials, and what the second phase is to do while it has not begun; once it has, it may only grow. */
async function applyPlan(db: Database, study: Study, wanted: NewStudy): Promise<readonly string[]> {
  if (!isDeepStrictEqual(study.thresholds, wanted.thresholds))
    await setStudyWords(db, study.id, { thresholds: wanted.thresholds });
  const limits = wanted.limits ?? null;
  if (!isDeepStrictEqual(study.limits ?? null, limits)) await setStudyWords(db, study.id, { limits });
  const { priority = study.priority } = wanted;
  if (study.priority !== priority) await setStudyWords(db, study.id, { priority });
  const { exploit } = wanted;
  if (isDeepStrictEqual(study.exploit, exploit)) return [];
  if (!hasSecondPhaseBegun(study)) {
    await setExploit(db, study.id, exploit);
    return [];
  }
  if (study.exploit === null || exploit === null || exploit.trials <= study.exploit.trials) return [];
  await setExploit(db, study.id, { ...study.exploit, trials: exploit.trials });
  return [
    `The second phase of ${study.name} is extended from ${study.exploit.trials} to ${count(exploit.trials, 'configuration')}.`,
  ];
}
