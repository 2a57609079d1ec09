/** What a client is told of an error: what it can act on, never what our machine looks like. */
import { randomUUID } from 'node:crypto';
import { EnvironmentError, InputError } from '@kinetune/study';
import { storageFailure } from '@kinetune/storage';
import { PothosSchemaError, PothosValidationError } from '@pothos/core';
import type { GraphQLFormattedError } from 'graphql';
import { Refused } from '../graphql/refusal.ts';

/** Hands over what people should look at. */
export type ErrorLog = (entry: { readonly id: string; readonly error: unknown }) => void;

/** A client's mistakes are told as they are; ours and the machine's under a number that stands in the log beside the trace. */
export function maskError(error: unknown, formatted: GraphQLFormattedError, log: ErrorLog): GraphQLFormattedError {
  const cause = error instanceof Error && 'originalError' in error ? (error.originalError ?? error) : error;
  const code = formatted.extensions?.['code'];
  // Apollo's own refusals (syntax, unknown fields, limits) carry a code of theirs.
  if (code !== undefined && code !== 'INTERNAL_SERVER_ERROR') return withoutTrace(formatted);
  if (cause instanceof Refused)
    return {
      message: cause.message,
      ...placeOf(formatted),
      extensions: { code: 'REFUSED', reason: cause.code, field: cause.field },
    };
  // An id that is none, or one of another type.
  if (cause instanceof PothosValidationError)
    return { message: cause.message, ...placeOf(formatted), extensions: { code: 'BAD_USER_INPUT' } };
  if (cause instanceof PothosSchemaError) {
    const message = 'expected an id that this API gave, got one of something that it does not have';
    return { message, ...placeOf(formatted), extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (cause instanceof InputError)
    return {
      message: cause.message,
      ...placeOf(formatted),
      extensions: { code: 'REFUSED', reason: cause.code, field: [] },
    };
  const id = randomUUID();
  log({ id, error: cause });
  const isOutage = cause instanceof EnvironmentError || storageFailure(cause) !== undefined;
  const message = isOutage
    ? 'the server cannot do this at the moment: its database or its disk does not answer; try again'
    : 'an unexpected error of the server';
  return {
    message: `${message} (${id} in its log)`,
    ...placeOf(formatted),
    extensions: { code: isOutage ? 'UNAVAILABLE' : 'INTERNAL_SERVER_ERROR' },
  };
}

function placeOf({ path, locations }: GraphQLFormattedError): Pick<GraphQLFormattedError, 'path' | 'locations'> {
  return { ...(path === undefined ? {} : { path }), ...(locations === undefined ? {} : { locations }) };
}

/** Status and headers are the transport's business, traces ours. */
function withoutTrace({ message, extensions, ...place }: GraphQLFormattedError): GraphQLFormattedError {
  const { stacktrace: _, http: __, ...rest } = extensions ?? {};
  return { message, ...place, extensions: rest };
}
