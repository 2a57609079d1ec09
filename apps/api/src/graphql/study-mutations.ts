/** Changing studies as a whole. */
import { cancelStudy, pauseStudy, resumeStudy, setArchived, setStudyWords, type Study } from '@kinetune/storage';
import { InputError, MOST_PRIORITY } from '@kinetune/study';
import { deleteStudy } from '../studies/delete-study.ts';
import { extendBudget } from '../studies/extend-budget.ts';
import type { StudyFiles } from '../studies/study-files.ts';
import { builder } from './builder.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, refusing, requireText } from './refusal.ts';
import { requireStudy } from './require-stored.ts';
import { StudyType } from './study-type.ts';

const StudyIdInput = builder.inputType('StudyInput', {
  fields: (t) => ({ studyId: t.globalID({ required: true, for: StudyType }) }),
});

const ExtendInput = builder.inputType('ExtendStudyBudgetInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    trials: t.int({ required: true, description: 'Configurations in all, not on top.' }),
  }),
});

const PrioritiseInput = builder.inputType('PrioritiseStudyInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    priority: t.int({ required: true, description: `From -${MOST_PRIORITY} to ${MOST_PRIORITY}; 0 is the usual one.` }),
  }),
});

const CancelInput = builder.inputType('CancelStudyInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    reason: t.string({ required: true, description: 'Why; it stays with the trials that it ends.' }),
  }),
});

const DeleteInput = builder.inputType('DeleteStudyInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    confirmedName: t.string({ required: true, description: "The study's name, typed by who wants it deleted." }),
  }),
});

interface Deleted extends StudyFiles {
  readonly name: string;
  readonly trials: number;
}

const DeletedStudyType = builder.objectRef<Deleted>('DeletedStudy').implement({
  description: 'What a study was.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, which is free again.' }),
    trials: t.exposeInt('trials', { description: 'Trials that went with it.' }),
    checkpoints: t.exposeInt('checkpoints', { description: 'Checkpoints that went with it.' }),
    freedBytes: t.float({ description: 'Of its checkpoints and logs.', resolve: ({ bytes }) => bytes }),
  }),
});

const errors = { types: [Refused] };

builder.mutationFields((t) => ({
  pauseStudy: t.field({
    type: StudyType,
    description: 'Starts no further trial; those that run go on to their end.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> => refusing(['studyId'], () => pauseStudy(db, input.studyId.id)),
  }),
  resumeStudy: t.field({
    type: StudyType,
    description: 'Starts trials again.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> => refusing(['studyId'], () => resumeStudy(db, input.studyId.id)),
  }),
  cancelStudy: t.field({
    type: StudyType,
    description: 'Ends it for good; what was measured is kept.',
    errors,
    args: { input: t.arg({ type: CancelInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> => {
      checkBounds(input);
      const reason = requireText('reason', input.reason);
      return refusing(['studyId'], () => cancelStudy(db, input.studyId.id, reason));
    },
  }),
  extendStudyBudget: t.field({
    type: StudyType,
    description: 'Sets how many configurations it may propose; a completed study with budget left runs again.',
    errors,
    args: { input: t.arg({ type: ExtendInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Study> => {
      const study = await requireStudy(db, input.studyId.id);
      const field = study.state === 'CANCELLED' ? 'studyId' : 'trials';
      return refusing([field], () => extendBudget(db, study, input.trials));
    },
  }),
  prioritiseStudy: t.field({
    type: StudyType,
    description: 'Sets its share of the slots beside other studies: each step up doubles it. What runs is not stopped.',
    errors,
    args: { input: t.arg({ type: PrioritiseInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Study> => {
      const { priority } = input;
      const study = await requireStudy(db, input.studyId.id);
      if (Math.abs(priority) > MOST_PRIORITY)
        throw new Refused(
          'bad-priority',
          `expected a priority from -${MOST_PRIORITY} to ${MOST_PRIORITY}, got ${priority}`,
          ['priority'],
        );
      return refusing(['studyId'], () => setStudyWords(db, study.id, { priority }));
    },
  }),
  archiveStudy: t.field({
    type: StudyType,
    description: 'Puts a study that does not run away from the lists; nothing of it is lost.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['studyId'], () => setArchived(db, input.studyId.id, true)),
  }),
  unarchiveStudy: t.field({
    type: StudyType,
    description: 'Brings an archived study back.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['studyId'], () => setArchived(db, input.studyId.id, false)),
  }),
  deleteStudy: t.field({
    type: DeletedStudyType,
    description:
      'Deletes a study for good, with its trials, checkpoints and logs. Refused while it runs: cancel it first, or pause it.',
    errors,
    args: { input: t.arg({ type: DeleteInput, required: true }) },
    resolve: async (_, { input }, { db, store }): Promise<Deleted> => {
      checkBounds(input);
      const { confirmedName } = input;
      try {
        const { study, trialIds, ...files } = await deleteStudy(db, input.studyId.id, { store, confirmedName });
        return { name: study.name, trials: trialIds.length, ...files };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw new Refused(error.code, error.message, [
          error.code === 'name-not-confirmed' ? 'confirmedName' : 'studyId',
        ]);
      }
    },
  }),
}));
