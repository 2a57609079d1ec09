/**
 * Subscriptions whose events are executed once for all who get the same. What a subscriber is sent follows from the event, the
 * selected fields and who it is; the arguments of the subscription decide only which events it gets. So a thousand subscribers with
 * one document cost one execution an event, and each of them a message.
 */
import { createHash } from 'node:crypto';
import {
  createSourceEventStream,
  execute,
  getOperationAST,
  visit,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { Context } from '../graphql/context.ts';
import { mapIterator } from './map-iterator.ts';

type SubscriptionArgs = ExecutionArgs & { readonly contextValue: Context };
type Executed = ExecutionResult | Promise<ExecutionResult>;

/** As graphql's `subscribe`. An event is an object; whoever yields the same one to several subscribers has it executed once. */
export function createSharedSubscribe(): (
  args: SubscriptionArgs,
) => Promise<AsyncIterableIterator<ExecutionResult, undefined> | ExecutionResult> {
  const executed = new WeakMap<object, Map<string, Executed>>();
  return async (args) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const key = keyOf(args);
    return mapIterator((source as AsyncIterable<object>)[Symbol.asyncIterator](), (event) => {
      const byKey = executed.get(event) ?? new Map<string, Executed>();
      executed.set(event, byKey);
      const known = byKey.get(key);
      if (known !== undefined) return known;
      // A context of its own: loaders remember what they loaded, and events tell what has changed since.
      const result = execute({ ...args, rootValue: event, contextValue: { ...args.contextValue } });
      byKey.set(key, result);
      return result;
    });
  };
}

/** Equal for subscriptions that make the same of an event. */
function keyOf({ document, operationName, variableValues, contextValue }: SubscriptionArgs): string {
  const operation = getOperationAST(document, operationName);
  const [root] = operation?.selectionSet.selections ?? [];
  const used = new Set<string>();
  for (const definition of document.definitions) {
    visit(definition, {
      VariableDefinition: () => false,
      Argument: (_, __, ___, ____, ancestors) =>
        ancestors.at(-2) === root || ancestors.at(-1) === root ? false : undefined,
      Variable: ({ name }) => void used.add(name.value),
    });
  }
  const values = Object.entries(variableValues ?? {}).filter(([name]) => used.has(name));
  const { role, isLocal } = contextValue.viewer;
  const key = JSON.stringify([document.loc?.source.body, operationName, values, role, isLocal]);
  return createHash('sha1').update(key).digest('base64');
}
