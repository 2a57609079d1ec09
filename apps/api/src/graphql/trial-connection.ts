/** Pages of a study's trials: filtered and sorted by the database. */
import {
  countTrialsMatchingOf,
  trialPages,
  trialPosition,
  type Trial,
  type TrialFilter,
  type TrialOrder,
  type TrialPageOptions,
  type TrialSortKey,
} from '@kinetune/storage';
import { GraphQLError } from 'graphql';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { TrialSortKeyEnum, TrialStateEnum } from './enums.ts';
import { HyperparameterFilterInput, hyperparameterFiltersOf, NumberRangeInput, rangeOf } from './filters.ts';
import { keysetPage, pageComplexity, type CursorForm } from './keyset-connection.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const TrialFilterInput = builder.inputType('TrialFilter', {
  description: 'Trials that match all that is given.',
  fields: (t) => ({
    states: t.field({ type: [TrialStateEnum], description: 'In one of these states.' }),
    bestValue: t.field({ type: NumberRangeInput, description: 'Of the objective at the best step.' }),
    hyperparameters: t.field({ type: [HyperparameterFilterInput], description: 'By values of the configuration.' }),
  }),
});

const TrialOrderInput = builder.inputType('TrialOrder', {
  description: 'How trials are sorted; those that are equal by their number.',
  fields: (t) => ({
    by: t.field({ type: TrialSortKeyEnum, required: true, description: 'The key.' }),
    hyperparameter: t.string({ description: 'Its full name, where `by` is HYPERPARAMETER.' }),
    isDescending: t.boolean({ defaultValue: false, description: 'Largest, or latest, first.' }),
  }),
});

builder.objectField(StudyType, 'trials', (t) =>
  t.connection(
    {
      type: TrialType,
      description: 'By number unless sorted otherwise.',
      args: {
        filter: t.arg({ type: TrialFilterInput, description: 'All unless given.' }),
        order: t.arg({ type: TrialOrderInput, description: 'By number unless given.' }),
      },
      complexity: pageComplexity,
      resolve: async ({ id }, args, context) => {
        const { db } = context;
        const order = orderOf(args.order);
        const filter = filterOf(args.filter);
        const form: CursorForm = { key: CURSOR_KEYS[order.by], place: ['integer', 'integer'] };
        const page = await keysetPage(args, {
          form,
          placeOf: (trial: Trial) => trialPosition(trial, order),
          load: async (ends) => {
            const options: TrialPageOptions = { filter, order, ...ends };
            const load = (ids: readonly string[]) => trialPages(db, ids, options);
            return (await batched(context, { name: 'Study.trials', options, id, load })) ?? [];
          },
        });
        const count = (ids: readonly string[]) => countTrialsMatchingOf(db, ids, filter);
        return {
          ...page,
          totalCount: async () =>
            (await batched(context, { name: 'Study.trials.totalCount', options: filter, id, load: count })) ?? 0,
        };
      },
    },
    { name: 'TrialConnection' },
    { name: 'TrialEdge' },
  ),
);

function filterOf(input: typeof TrialFilterInput.$inferInput | null | undefined): TrialFilter {
  const { states, bestValue, hyperparameters } = input ?? {};
  return {
    ...(states ? { states } : {}),
    ...(bestValue ? { bestValue: rangeOf(bestValue) } : {}),
    ...(hyperparameters ? { hyperparameters: hyperparameterFiltersOf(hyperparameters) } : {}),
  };
}

/** @throws GraphQLError for a hyperparameter that is sorted by and not named, or the other way round. */
function orderOf(input: typeof TrialOrderInput.$inferInput | null | undefined): TrialOrder {
  const { by = 'number', hyperparameter } = input ?? {};
  const isDescending = input?.isDescending ?? false;
  if ((by === 'hyperparameter') !== (typeof hyperparameter === 'string')) {
    throw new GraphQLError(
      by === 'hyperparameter'
        ? 'order.hyperparameter: expected the full name of the hyperparameter to sort by, got none'
        : `order.by: expected HYPERPARAMETER beside the name of one, got another key beside ${hyperparameter}`,
      { extensions: { code: 'BAD_USER_INPUT' } },
    );
  }
  return by === 'hyperparameter'
    ? { by, hyperparameter: hyperparameter as string, isDescending }
    : { by, isDescending };
}

const CURSOR_KEYS: Readonly<Record<TrialSortKey, CursorForm['key']>> = {
  number: 'number',
  bestValue: 'number',
  weightCount: 'number',
  startedAt: 'moment',
  finishedAt: 'moment',
  hyperparameter: 'hyperparameter',
};
