/** Changing studies. */
import { cancelStudy, setStudyState, updateStudyBudget, type Study } from '@kinetune/storage';
import { builder } from './builder.ts';
import { Refused, refusing } from './refusal.ts';
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

const CancelInput = builder.inputType('CancelStudyInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    reason: t.string({ required: true, description: 'Why; it stays with the trials that it ends.' }),
  }),
});

const errors = { types: [Refused] };

builder.mutationFields((t) => ({
  pauseStudy: t.field({
    type: StudyType,
    description: 'Starts no further trial; those that run go on to their end.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['studyId'], () => setStudyState(db, input.studyId.id, 'PAUSED')),
  }),
  resumeStudy: t.field({
    type: StudyType,
    description: 'Starts trials again.',
    errors,
    args: { input: t.arg({ type: StudyIdInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['studyId'], () => setStudyState(db, input.studyId.id, 'RUNNING')),
  }),
  cancelStudy: t.field({
    type: StudyType,
    description: 'Ends it for good; what was measured is kept.',
    errors,
    args: { input: t.arg({ type: CancelInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['studyId'], () => cancelStudy(db, input.studyId.id, input.reason)),
  }),
  extendStudyBudget: t.field({
    type: StudyType,
    description: 'Sets how many configurations it may propose; a completed study with budget left runs again.',
    errors,
    args: { input: t.arg({ type: ExtendInput, required: true }) },
    resolve: (_, { input }, { db }): Promise<Study> =>
      refusing(['trials'], () => updateStudyBudget(db, input.studyId.id, { trials: input.trials })),
  }),
}));
