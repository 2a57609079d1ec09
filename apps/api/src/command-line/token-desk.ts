/** Where tokens are made and ended: in the database, or by the API that has it open. */
import {
  createApiToken,
  listApiTokens,
  revokeApiTokens,
  rotateApiToken,
  type ApiRole,
  type ApiToken,
  type CreatedApiToken,
  type NewApiToken,
} from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import { apiAuthorization, findApi } from './noted-api.ts';
import { openHome } from './open-home.ts';

export interface TokenDesk {
  create(token: NewApiToken): Promise<CreatedApiToken>;
  list(): Promise<readonly ApiToken[]>;
  rotate(name: string, graceSeconds: number): Promise<CreatedApiToken>;
  revoke(name: string): Promise<number>;
}

/** Runs `work` at the desk of a home: an embedded database that an API has open is reached through it. */
export async function atTokenDesk<T>(home: string, work: (desk: TokenDesk) => Promise<T>): Promise<T> {
  const url = await findApi(home);
  if (url !== undefined) return work(apiDesk(url, home));
  await using storage = await openHome(home);
  const { db } = storage;
  return await work({
    create: (token) => createApiToken(db, token),
    list: () => listApiTokens(db),
    rotate: (name, graceSeconds) => rotateApiToken(db, name, { graceMs: graceSeconds * 1000, now: new Date() }),
    revoke: (name) => revokeApiTokens(db, name),
  });
}

const TOKEN = 'name role createdAt lastUsedAt expiresAt revokedAt replacedAt';
const REFUSAL = '... on Refusal { code message }';

function apiDesk(url: string, home: string): TokenDesk {
  const ask = <T>(query: string, variables: object = {}): Promise<T> => askApi(url, { home, query, variables });
  const change = async <T>(field: string, { type, selection, input }: Change): Promise<T> => {
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename ${selection} ${REFUSAL} } }`;
    const result = (await ask<Record<string, { __typename: string; code: string; message: string }>>(query, { input }))[
      field
    ];
    if (result?.__typename === 'Refusal') throw new InputError(result.code, result.message);
    return result as T;
  };
  const created = '... on CreatedApiToken { secret token { ' + TOKEN + ' } }';
  const revive = ({ token, secret }: { token: WireToken; secret: string }): CreatedApiToken => ({
    secret,
    token: fromWire(token),
  });
  return {
    create: async ({ name, role, expiresAt }) =>
      revive(
        await change('createApiToken', {
          type: 'CreateApiTokenInput',
          selection: created,
          input: { name, role: role.toUpperCase(), expiresAt },
        }),
      ),
    list: async () => (await ask<{ apiTokens: WireToken[] }>(`{ apiTokens { ${TOKEN} } }`)).apiTokens.map(fromWire),
    rotate: async (name, graceSeconds) =>
      revive(
        await change('rotateApiToken', {
          type: 'RotateApiTokenInput',
          selection: created,
          input: { name, graceSeconds },
        }),
      ),
    revoke: async (name) =>
      (
        await change<{ revoked: number }>('revokeApiToken', {
          type: 'RevokeApiTokenInput',
          selection: '... on RevokedApiTokens { revoked }',
          input: { name },
        })
      ).revoked,
  };
}

interface Change {
  readonly type: string;
  readonly selection: string;
  readonly input: object;
}

type WireToken = { readonly name: string; readonly role: string } & Readonly<
  Record<'createdAt' | 'lastUsedAt' | 'expiresAt' | 'revokedAt' | 'replacedAt', string | null>
>;

function fromWire({ name, role, ...moments }: WireToken): ApiToken {
  const at = (moment: string | null): Date | null => (moment === null ? null : new Date(moment));
  return {
    id: '',
    name,
    role: role.toLowerCase() as ApiRole,
    createdAt: at(moments.createdAt) ?? new Date(0),
    lastUsedAt: at(moments.lastUsedAt),
    expiresAt: at(moments.expiresAt),
    revokedAt: at(moments.revokedAt),
    replacedAt: at(moments.replacedAt),
  };
}

interface Question {
  readonly home: string;
  readonly query: string;
  readonly variables: object;
}

async function askApi<T>(url: string, { home, query, variables }: Question): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...apiAuthorization(home) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: readonly { readonly message: string }[] };
  if (data === undefined || data === null || errors !== undefined)
    throw new EnvironmentError(
      'api-refused',
      `the API at ${url} did not do it: ${errors?.map(({ message }) => message).join('; ') ?? `status ${response.status}`}`,
    );
  return data;
}
