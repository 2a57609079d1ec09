/** Talks to the API that runs on a home, as the editor at the machine. */
import { createClient } from 'graphql-ws';
import { EnvironmentError, InputError } from '@kinetune/study';

export interface ApiClient {
  readonly url: string;
  /** @throws EnvironmentError when it does not answer, or not with data. */
  ask<Data>(query: string, variables: Readonly<Record<string, unknown>>): Promise<Data>;
  /** The body of what is at a path. @throws InputError for what it refuses; EnvironmentError when it does not answer. */
  download(path: string): AsyncGenerator<string, void>;
  /** What a subscription brings, until the signal; a lost socket is connected again by the caller, who knows the last cursor. */
  follow<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): AsyncGenerator<Data, void>;
}

function unreachable(url: string, error: unknown): EnvironmentError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new EnvironmentError('api-unreachable', `the API at ${url} does not answer: ${cause}`, { cause: error });
}

export function createApiClient(url: string, headers: { readonly authorization?: string }): ApiClient {
  return {
    url,
    async ask<Data>(query: string, variables: Readonly<Record<string, unknown>>): Promise<Data> {
      let answer: { readonly data?: Data | null; readonly errors?: readonly { readonly message: string }[] };
      try {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query, variables }),
        });
        answer = (await response.json()) as typeof answer;
      } catch (error) {
        throw unreachable(url, error);
      }
      const { data, errors = [] } = answer;
      if (data !== undefined && data !== null && errors.length === 0) return data;
      const why = errors.map(({ message }) => message).join('; ');
      throw new EnvironmentError('api-refused', `the API at ${url} answers without data: ${why}`);
    },
    async *download(path) {
      const response = await fetch(`${url}${path}`, { headers }).catch((error: unknown) => {
        throw unreachable(url, error);
      });
      if (!response.ok) {
        const { code = 'api-refused', error = response.statusText } = (await response.json()) as Record<string, string>;
        throw new InputError(code, error);
      }
      try {
        for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) yield text;
      } catch (error) {
        throw unreachable(url, error); // It broke off: what has come is not all.
      }
    },
    async *follow<Data>(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal) {
      // Node's own WebSocket: one of `ws` that is closed while it connects ends the process by an `error` that nobody hears.
      const client = createClient({
        url: `${url.replace(/^http/, 'ws')}/graphql`,
        connectionParams: headers,
        retryAttempts: 0,
      });
      const end = (): void => void client.terminate();
      signal.addEventListener('abort', end, { once: true });
      try {
        for await (const { data } of client.iterate({ query, variables })) {
          if (data !== undefined && data !== null) yield data as Data;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        signal.removeEventListener('abort', end);
        await client.dispose();
      }
    },
  };
}
