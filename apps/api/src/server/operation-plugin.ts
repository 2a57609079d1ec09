/** What is counted and noted of every operation over HTTP. */
import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, OperationTypeNode, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import type { Context } from '../graphql/context.ts';
import type { Metrics } from './metrics.ts';
import { countRootFields } from './operation-size.ts';
import { requireStorableVariables } from './storable-text.ts';
import type { RateLimits } from './rate-limits.ts';

export interface OperationPluginOptions {
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function operationPlugin({ limits, metrics, log }: OperationPluginOptions): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          requireStorableVariables(request.variables);
          if (operation?.operation === OperationTypeNode.MUTATION)
            await limits.countMutations(contextValue.viewer.name, countRootFields(document, operation));
        },
        async willSendResponse({ document, operation, errors, contextValue }) {
          if (document === undefined || operation === undefined) return;
          const durationMs = performance.now() - startedAt;
          const labels = { kind: operation.operation, field: rootFieldOf(document, operation) };
          metrics.operations.observe({ ...labels, outcome: errors === undefined ? 'ok' : 'error' }, durationMs / 1000);
          const codes = errors?.map(({ extensions }) => extensions['code']);
          // What changes something stands in the log, whoever asked for it.
          const level = labels.kind === OperationTypeNode.MUTATION ? 'info' : 'debug';
          log[level]({ ...labels, codes, viewer: contextValue.viewer.name, durationMs }, 'operation');
        },
      };
    },
  };
}

/** The one field of the root type that is asked for; `several`, or `none` where it is none of the schema's. */
function rootFieldOf(document: DocumentNode, { selectionSet, ...operation }: OperationDefinitionNode): string {
  if (countRootFields(document, { selectionSet, ...operation }) !== 1) return 'several';
  const [first] = selectionSet.selections;
  return first?.kind === Kind.FIELD ? first.name.value : 'several';
}
