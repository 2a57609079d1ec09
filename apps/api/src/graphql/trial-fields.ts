/** What belongs to trials beside their own row. */
import { checkpointsOf, type Checkpoint } from '@kinetune/storage';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const CheckpointType = builder.objectRef<Checkpoint>('Checkpoint').implement({
  description: 'Weights, or a whole training state, that a trial left behind.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`best`: weights worth keeping; `resume`: to go on from.' }),
    step: t.field({ type: 'SafeInt', description: 'Where it was taken.', resolve: ({ step }) => step }),
    sha256: t.exposeString('sha256', { nullable: true, description: 'Of its content.' }),
    sizeBytes: t.field({ type: 'SafeInt', nullable: true, description: 'Its size.', resolve: (one) => one.sizeBytes }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The objective there; null for one that is only resumed from.',
    }),
  }),
});

builder.objectFields(TrialType, (t) => ({
  study: t.field({ type: StudyType, description: 'Whose trial it is.', resolve: ({ studyId }) => studyId }),
  checkpoints: t.field({
    type: [CheckpointType],
    description: 'By step.',
    complexity: { field: 1, multiplier: 3 },
    resolve: async ({ id }, _, context) => {
      const load = (ids: readonly string[]) => checkpointsOf(context.db, ids);
      return [...((await batched(context, { name: 'Trial.checkpoints', id, load })) ?? [])];
    },
  }),
}));
