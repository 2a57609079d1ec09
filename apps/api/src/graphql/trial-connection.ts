/** Pages of a study's trials: filtered and sorted by the database. */
import {
  countTrialsMatching,
  trialPage,
  trialPosition,
  type TrialFilter,
  type TrialOrder,
  type TrialPosition,
} from '@kinetune/storage';
import type { HyperparameterValue } from '@kinetune/study';
import { resolveCursorConnection, type ResolveCursorConnectionArgs } from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import { builder, PAGE_SIZE } from './builder.ts';
import { TrialSortKeyEnum, TrialStateEnum } from './enums.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const NumberRange = builder.inputType('NumberRange', {
  description: 'Both ends included; an end that is left out is open.',
  fields: (t) => ({ minimum: t.float(), maximum: t.float() }),
});

const HyperparameterFilter = builder.inputType('HyperparameterFilter', {
  description: 'Trials that have the hyperparameter, with a value in the range or among the given ones.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Full name: `optimizer=adam/learningRate`.' }),
    range: t.field({ type: NumberRange }),
    anyOf: t.field({ type: ['JSON'] }),
  }),
});

const TrialFilterInput = builder.inputType('TrialFilter', {
  fields: (t) => ({
    states: t.field({ type: [TrialStateEnum] }),
    bestValue: t.field({ type: NumberRange }),
    hyperparameters: t.field({ type: [HyperparameterFilter] }),
  }),
});

const TrialOrderInput = builder.inputType('TrialOrder', {
  fields: (t) => ({
    by: t.field({ type: TrialSortKeyEnum, required: true }),
    isDescending: t.boolean({ defaultValue: false }),
  }),
});

builder.objectField(StudyType, 'trials', (t) =>
  t.connection({
    type: TrialType,
    description: 'By number unless sorted otherwise.',
    args: { filter: t.arg({ type: TrialFilterInput }), order: t.arg({ type: TrialOrderInput }) },
    complexity: ({ first, last }) => ({
      field: 1,
      multiplier: Math.min(first ?? last ?? PAGE_SIZE.default, PAGE_SIZE.most),
    }),
    resolve: async ({ id: studyId }, args, { db }) => {
      const order: TrialOrder = { by: args.order?.by ?? 'number', isDescending: args.order?.isDescending ?? false };
      const filter = filterOf(args.filter);
      const options = {
        args,
        defaultSize: PAGE_SIZE.default,
        maxSize: PAGE_SIZE.most,
        toCursor: (trial: Parameters<typeof trialPosition>[0]) => cursorOf(trialPosition(trial, order)),
      };
      const page = await resolveCursorConnection(
        options,
        ({ after, before, limit, inverted }: ResolveCursorConnectionArgs) =>
          trialPage(db, studyId, {
            filter,
            order,
            after: after === undefined ? undefined : positionOf(after, order),
            before: before === undefined ? undefined : positionOf(before, order),
            limit,
            isReversed: inverted,
          }),
      );
      return { ...page, totalCount: await countTrialsMatching(db, studyId, filter) };
    },
  }),
);

type FilterInput = typeof TrialFilterInput.$inferInput;
type RangeInput = typeof NumberRange.$inferInput;

function filterOf(input: FilterInput | null | undefined): TrialFilter {
  const { states, bestValue, hyperparameters } = input ?? {};
  return {
    ...(states ? { states } : {}),
    ...(bestValue ? { bestValue: rangeOf(bestValue) } : {}),
    ...(hyperparameters
      ? {
          hyperparameters: hyperparameters.map(({ name, range, anyOf }) => ({
            name,
            ...rangeOf(range ?? {}),
            ...(anyOf ? { anyOf: anyOf as readonly HyperparameterValue[] } : {}),
          })),
        }
      : {}),
  };
}

/** What a client leaves out and what it sends as null mean the same. */
function rangeOf({ minimum, maximum }: RangeInput): { readonly minimum?: number; readonly maximum?: number } {
  return {
    ...(typeof minimum === 'number' ? { minimum } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
  };
}

function cursorOf({ key, number, replicate }: TrialPosition): string {
  return Buffer.from(JSON.stringify([key, number, replicate])).toString('base64url');
}

function positionOf(cursor: string, { by }: TrialOrder): TrialPosition {
  const refuse = (): never => {
    throw new GraphQLError(`expected a cursor of this connection in the same order, got ${cursor.slice(0, 60)}`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  };
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return refuse();
  }
  if (!Array.isArray(parts) || parts.length !== 3) return refuse();
  const [key, number, replicate] = parts as readonly unknown[];
  const isMoment = by === 'startedAt' || by === 'finishedAt';
  const isKey =
    key === null || (isMoment ? typeof key === 'string' && !Number.isNaN(Date.parse(key)) : typeof key === 'number');
  if (!isKey || !Number.isInteger(number) || !Number.isInteger(replicate)) return refuse();
  return { key: key as TrialPosition['key'], number: number as number, replicate: replicate as number };
}
