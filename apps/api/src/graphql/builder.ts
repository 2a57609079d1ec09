/** The GraphQL schema's builder: plugins, scalars and the rules that hold for all of it. */
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { GraphQLError } from 'graphql';
import type { Context } from './context.ts';

export interface SchemaTypes {
  readonly Context: Context;
  readonly DefaultFieldNullability: false;
  readonly AuthScopes: { readonly viewer: boolean; readonly editor: boolean; readonly localEditor: boolean };
  readonly Scalars: {
    readonly ID: { readonly Input: string; readonly Output: string };
    readonly DateTime: { readonly Input: Date; readonly Output: Date };
    readonly JSON: { readonly Input: unknown; readonly Output: unknown };
    /** Int is 32 bits; steps, seeds and weight counts are not. */
    readonly SafeInt: { readonly Input: number; readonly Output: number };
    readonly Numbers: { readonly Input: never; readonly Output: readonly (number | null)[] };
  };
  readonly Connection: { readonly totalCount: number | (() => Promise<number>) };
}

/** An operation beyond these is refused before it runs. */
export const OPERATION_LIMITS = { complexity: 20_000, depth: 14, breadth: 400 } as const;

export function refusalOfSize(measure: keyof typeof OPERATION_LIMITS, size: number): GraphQLError {
  return new GraphQLError(
    `expected an operation of at most ${OPERATION_LIMITS[measure]} in ${measure}, got ${size}: ask for fewer fields, smaller pages or in several operations`,
    { extensions: { code: 'OPERATION_TOO_COSTLY' } },
  );
}

/** Nodes of one page of a connection. */
export const PAGE_SIZE = { default: 50, most: 500 } as const;

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, DataloaderPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    defaultTypes: [],
    defaultUnionOptions: { description: 'What came of it, or why it was refused.' },
  },
  scopeAuth: {
    authScopes: ({ viewer: { role, isLocal } }) => ({
      viewer: true,
      editor: role === 'editor',
      localEditor: role === 'editor' && isLocal,
    }),
    unauthorizedError: (_, { viewer }) =>
      new GraphQLError(
        viewer.role === 'editor'
          ? `expected a request from the machine that the server runs on, got one of ${viewer.name} from elsewhere`
          : `expected a token of the role editor, got one of the role ${viewer.role} (${viewer.name})`,
        { extensions: { code: 'FORBIDDEN' } },
      ),
  },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    idFieldOptions: { description: 'Global: `node(id)` finds it by this.' },
    nodeTypeOptions: { description: 'Whatever has a global id.' },
    nodeQueryOptions: {
      description: 'Anything that has a global id; null where nothing has it.',
      args: { id: { description: 'Its global id.' } },
    },
    nodesQueryOptions: {
      description: 'The same of many, in the order of the ids.',
      args: { ids: { description: 'Global ids.' } },
      complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    },
    // The field of the connection counts the page's nodes.
    edgesFieldOptions: { description: 'The page, each node with its cursor.', complexity: { field: 1, multiplier: 1 } },
    nodesOnConnection: { description: 'The page.', complexity: { field: 1, multiplier: 1 } },
    nodeFieldOptions: { description: 'One of the page.' },
    cursorFieldOptions: { description: 'Where it stands: for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'Whether there is more on either side.' },
    pageInfoTypeOptions: { description: 'Where a page begins and ends.' },
    hasNextPageFieldOptions: { description: 'There is more after it.' },
    hasPreviousPageFieldOptions: { description: 'There is more before it.' },
    startCursorFieldOptions: { description: 'Of its first node; null for an empty page.' },
    endCursorFieldOptions: { description: 'Of its last node; null for an empty page.' },
    firstArgOptions: { description: 'So many from the beginning, or after the cursor `after`.' },
    lastArgOptions: { description: 'So many from the end, or before the cursor `before`.' },
    afterArgOptions: { description: 'A cursor: what comes after it.' },
    beforeArgOptions: { description: 'A cursor: what comes before it.' },
    defaultConnectionTypeOptions: { description: 'A page.' },
    defaultEdgeTypeOptions: { description: 'A node of a page.' },
  },
  complexity: {
    limit: OPERATION_LIMITS,
    defaultComplexity: 1,
    defaultListMultiplier: 10,
    complexityError: (kind, result) => {
      const measure = kind.toLowerCase() as keyof typeof OPERATION_LIMITS;
      return refusalOfSize(measure, result[measure]);
    },
  },
});

builder.scalarType('DateTime', {
  description: 'A moment, as ISO 8601 in UTC.',
  serialize: (moment) => moment.toISOString(),
  parseValue: (value) => {
    const moment = new Date(typeof value === 'string' ? value : NaN);
    if (Number.isNaN(moment.getTime()))
      throw new GraphQLError(`expected a moment like 2026-01-31T12:00:00Z, got ${String(value)}`);
    return moment;
  },
});
builder.scalarType('JSON', {
  description: 'Any JSON value: what has no fixed form, such as the numbers behind a verdict.',
  serialize: (value) => value,
  parseValue: (value) => value,
});
builder.scalarType('SafeInt', {
  description: 'A whole number up to 2^53 - 1 in size: steps, seeds and counts of weights, which Int does not hold.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw new GraphQLError(`expected a whole number up to 2^53 - 1 in size, got ${String(value)}`);
    return value;
  },
});

builder.scalarType('Numbers', {
  description:
    'A list of numbers, null where a value is not finite. One value to the schema, so that a curve costs no more than a number.',
  serialize: (numbers) => numbers,
  parseValue: () => {
    throw new GraphQLError('expected no Numbers as input');
  },
});

builder.globalConnectionField('totalCount', (t) =>
  t.field({
    type: 'Int',
    description: 'How many there are on all pages.',
    // Counted only where it is asked for.
    resolve: ({ totalCount }) => (typeof totalCount === 'function' ? totalCount() : totalCount),
  }),
);

builder.queryType({ description: 'Reading.', authScopes: { viewer: true } });
builder.mutationType({ description: 'Changing; for editors.', authScopes: { editor: true } });
builder.subscriptionType({
  description:
    'Following what changes. Each event has a cursor: a client that lost its socket goes on after the last one it saw.',
  authScopes: { viewer: true },
});
