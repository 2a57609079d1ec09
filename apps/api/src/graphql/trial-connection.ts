/** Pages of a study's trials: filtered and sorted by the database. */
import {
  countTrialsMatchingOf,
  trialPages,
  trialPosition,
  type Trial,
  type TrialFilter,
  type TrialOrder,
  type TrialPageOptions,
  type TrialPosition,
} from '@kinetune/storage';
import { resolveCursorConnection, type ResolveCursorConnectionArgs } from '@pothos/plugin-relay';
import { batched } from './batched.ts';
import { builder, PAGE_SIZE } from './builder.ts';
import { TrialSortKeyEnum, TrialStateEnum } from './enums.ts';
import { HyperparameterFilterInput, hyperparameterFiltersOf, NumberRangeInput, rangeOf } from './filters.ts';
import { cursorOf, positionOf } from './keyset-connection.ts';
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
    isDescending: t.boolean({ defaultValue: false, description: 'Largest, or latest, first.' }),
  }),
});

builder.objectField(StudyType, 'trials', (t) =>
  t.connection({
    type: TrialType,
    description: 'By number unless sorted otherwise.',
    args: {
      filter: t.arg({ type: TrialFilterInput, description: 'All unless given.' }),
      order: t.arg({ type: TrialOrderInput, description: 'By number unless given.' }),
    },
    complexity: ({ first, last }) => ({
      field: 1,
      multiplier: Math.min(first ?? last ?? PAGE_SIZE.default, PAGE_SIZE.most),
    }),
    resolve: async ({ id }, args, context) => {
      const { db } = context;
      const order: TrialOrder = { by: args.order?.by ?? 'number', isDescending: args.order?.isDescending ?? false };
      const filter = filterOf(args.filter);
      const page = await resolveCursorConnection(
        {
          args,
          defaultSize: PAGE_SIZE.default,
          maxSize: PAGE_SIZE.most,
          toCursor: (trial: Trial) => {
            const { key, number, replicate } = trialPosition(trial, order);
            return cursorOf({ key, place: [number, replicate] });
          },
        },
        async ({ after, before, limit, inverted }: ResolveCursorConnectionArgs) => {
          const options: TrialPageOptions = {
            filter,
            order,
            after: after === undefined ? undefined : trialPositionOf(after, order),
            before: before === undefined ? undefined : trialPositionOf(before, order),
            limit,
            isReversed: inverted,
          };
          const load = (ids: readonly string[]) => trialPages(db, ids, options);
          return (await batched(context, { name: 'Study.trials', options, id, load })) ?? [];
        },
      );
      const count = (ids: readonly string[]) => countTrialsMatchingOf(db, ids, filter);
      return {
        ...page,
        totalCount: async () =>
          (await batched(context, { name: 'Study.trials.totalCount', options: filter, id, load: count })) ?? 0,
      };
    },
  }),
);

function filterOf(input: typeof TrialFilterInput.$inferInput | null | undefined): TrialFilter {
  const { states, bestValue, hyperparameters } = input ?? {};
  return {
    ...(states ? { states } : {}),
    ...(bestValue ? { bestValue: rangeOf(bestValue) } : {}),
    ...(hyperparameters ? { hyperparameters: hyperparameterFiltersOf(hyperparameters) } : {}),
  };
}

function trialPositionOf(cursor: string, { by }: TrialOrder): TrialPosition {
  const isMoment = by === 'startedAt' || by === 'finishedAt';
  const { key, place } = positionOf(cursor, { placeLength: 2, isMoment });
  const [number, replicate] = place as [number, number];
  return { key, number, replicate };
}
