/** What trials measured, one by one: for tables, and for what curves thin out. */
import { measurementsOf, type MeasurementOfTrial } from '@kinetune/storage';
import { batched } from './batched.ts';
import { builder, PAGE_SIZE } from './builder.ts';
import { TrialType } from './trial-type.ts';

const MeasurementType = builder.objectRef<MeasurementOfTrial>('Measurement').implement({
  description: 'What a trial measured at a step.',
  fields: (t) => ({
    step: t.field({ type: 'SafeInt', description: 'Optimizer steps since the start.', resolve: ({ step }) => step }),
    epoch: t.exposeFloat('epoch', { description: 'Passes over the training data; may be a fraction.' }),
    values: t.field({
      type: 'Numbers',
      description: "In the order of the study's metrics.",
      resolve: ({ values }) => values,
    }),
    detail: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'Train loss and gradient norm (minimum, mean, maximum) in up to 16 parts of the epoch, and the share of clipped steps; only the built-in trainer sends it.',
      resolve: ({ detail }) => detail,
    }),
    recordedAt: t.field({ type: 'DateTime', description: 'When it was stored.', resolve: (one) => one.recordedAt }),
  }),
});

builder.objectField(TrialType, 'measurements', (t) =>
  t.field({
    type: [MeasurementType],
    description: 'Those after a step, by step. For a chart ask for `curves`, which are thinned.',
    args: {
      after: t.arg({ type: 'SafeInt', defaultValue: -1, description: 'The step to go on after; -1: from the first.' }),
      first: t.arg.int({ defaultValue: PAGE_SIZE.default, description: `At most ${PAGE_SIZE.most}.` }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: limitOf(first) }),
    resolve: async ({ id }, { after, first }, context) => {
      const options = { after: after ?? -1, limit: limitOf(first) };
      const load = (ids: readonly string[]) => measurementsOf(context.db, ids, options);
      return [...((await batched(context, { name: 'Trial.measurements', options, id, load })) ?? [])];
    },
  }),
);

function limitOf(first: number | null | undefined): number {
  return Math.min(Math.max(first ?? PAGE_SIZE.default, 0), PAGE_SIZE.most);
}
