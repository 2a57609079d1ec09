/** The studies of a database that this process has open. */
import {
  atOneMoment,
  cancelStudy,
  countTrials,
  listStudies,
  pauseStudy,
  requeueOrphans,
  resumeStudy,
  setArchived,
  type Storage,
} from '@kinetune/storage';
import { exportText } from '../../exchange/export-text.ts';
import { gatherFindings } from '../../findings/gather-findings.ts';
import { writeReport } from '../../report/written-report.ts';
import { concludeStudy, decideAdoption, overrideQuestion } from '../../studies/conclude-study.ts';
import { deleteStudy } from '../../studies/delete-study.ts';
import { extendBudget } from '../../studies/extend-budget.ts';
import { refineStudy } from '../../studies/refine-study.ts';
import { replicateConfiguration } from '../../studies/replicate-configuration.ts';
import { findStudyData } from '../../studies/study-data.ts';
import { measureStudy } from '../../studies/study-files.ts';
import { studyNamed } from '../../studies/study-named.ts';
import { widenStudy } from '../../studies/widen-study.ts';
import type { ListedStudy, StudyDesk } from './study-desk.ts';

export function storedStudies(storage: Storage): StudyDesk {
  const { db, home, isShared } = storage;
  return {
    home,
    async list() {
      return Promise.all(
        (await listStudies(db)).map(
          async ({ id, name, state, archivedAt, goal, model, data, budget, createdAt }): Promise<ListedStudy> => ({
            name,
            state,
            archivedAt,
            goal,
            model,
            dataset: data?.dataset ?? null,
            budgetTrials: budget.trials,
            trials: await countTrials(db, id),
            createdAt,
          }),
        ),
      );
    },
    async findings(name) {
      const study = await studyNamed(db, name);
      return gatherFindings(db, study, { data: await findStudyData(db, study) });
    },
    report: (request) => writeReport(db, request),
    refine: async (name, request) => refineStudy(db, await studyNamed(db, name), request),
    async replicate(name, options) {
      const { trials, ...replicated } = await replicateConfiguration(db, await studyNamed(db, name), options);
      return { ...replicated, queued: trials.length };
    },
    async widen(name, wider) {
      const { study, changes, firstConfiguration } = await widenStudy(db, (await studyNamed(db, name)).id, wider);
      const { version, hyperparameters } = study.space;
      return {
        space: { version, hyperparameters: hyperparameters.map(({ name: own, domain }) => ({ name: own, domain })) },
        changes,
        firstConfiguration,
        budgetTrials: study.budget.trials,
      };
    },
    async override(name, { question, reason, by }) {
      const study = await studyNamed(db, name);
      const { report } = await overrideQuestion(db, study, { question, reason, by, at: new Date() });
      return { by, ...report.checklist };
    },
    async conclude(name, text) {
      const { study, report } = await concludeStudy(db, await studyNamed(db, name), text);
      return { conclusion: study.conclusion ?? text, caveats: report.caveats };
    },
    async decide(name, request) {
      const launch = await decideAdoption(db, await studyNamed(db, name), request);
      const { decision, reason, decidedBy, decidedAt, evidence } = launch;
      return { decision, reason, by: decidedBy, at: decidedAt, evidence };
    },
    measure: async (name, { store }) => measureStudy(db, await studyNamed(db, name), store),
    async delete(name, { store }) {
      const { id } = await studyNamed(db, name);
      // Alone on the database: what is still RUNNING has lost the process that trained it.
      if (!isShared) await requeueOrphans(db, []);
      const { trialIds, checkpoints, bytes } = await deleteStudy(db, id, { store, confirmedName: name });
      return { trials: trialIds.length, checkpoints, bytes };
    },
    async change(name, change) {
      const { id } = await studyNamed(db, name);
      switch (change.type) {
        case 'pause':
          return pauseStudy(db, id);
        case 'resume':
          return resumeStudy(db, id);
        case 'cancel':
          return cancelStudy(db, id, change.reason);
        case 'archive':
          return setArchived(db, id, true);
        case 'unarchive':
          return setArchived(db, id, false);
      }
    },
    async extend(name, trials) {
      const study = await studyNamed(db, name);
      const { budget, state } = await extendBudget(db, study, trials);
      return { trials: budget.trials, before: study.budget.trials, state };
    },
    async export(name, parts, deliver) {
      const study = await studyNamed(db, name);
      await atOneMoment(db, async (standing) => {
        for (const part of parts) await deliver(exportText(standing, study, part), part);
      });
    },
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}
