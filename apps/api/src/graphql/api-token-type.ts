/** Tokens: reading and changing them is for editors at the machine, so that a stolen one cannot make others. */
import {
  API_ROLES,
  createApiToken,
  listApiTokens,
  revokeApiTokens,
  rotateApiToken,
  type ApiToken,
  type CreatedApiToken,
} from '@kinetune/storage';
import { builder } from './builder.ts';
import { valuesOf } from './enums.ts';
import { Refused, refusing } from './refusal.ts';

const ApiRoleEnum = builder.enumType('ApiRole', {
  description: 'What the bearer of a token may do.',
  values: valuesOf(API_ROLES, { viewer: 'Read and follow.', editor: 'Change, too.' }),
});

const ApiTokenType = builder.objectRef<ApiToken>('ApiToken').implement({
  description: 'The right to use this API from elsewhere. Its secret is kept nowhere.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'One of a name is current; those that it replaced have the name too.',
    }),
    role: t.expose('role', { type: ApiRoleEnum, description: 'What it allows.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'To the minute; null: never.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on it is no longer valid; null: never.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was ended.' }),
    replacedAt: t.expose('replacedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When another took its place.',
    }),
  }),
});

const CreatedApiTokenType = builder.objectRef<CreatedApiToken>('CreatedApiToken').implement({
  description: 'A token that was made just now.',
  fields: (t) => ({
    token: t.expose('token', { type: ApiTokenType, description: 'The token.' }),
    secret: t.exposeString('secret', {
      description: 'What its bearer sends as `Authorization: Bearer ...`. Shown here and never again.',
    }),
  }),
});

const RevokedType = builder.objectRef<{ readonly revoked: number }>('RevokedApiTokens').implement({
  description: 'Tokens that were ended.',
  fields: (t) => ({ revoked: t.exposeInt('revoked', { description: 'How many, with those in their time of grace.' }) }),
});

const CreateInput = builder.inputType('CreateApiTokenInput', {
  description: 'A new token.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Whose it is, for people and logs.' }),
    role: t.field({ type: ApiRoleEnum, required: true, description: 'What it allows.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'From when on it is no longer valid; left out: never.' }),
  }),
});
const RotateInput = builder.inputType('RotateApiTokenInput', {
  description: 'A new secret for a token.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the token.' }),
    graceSeconds: t.int({ defaultValue: 0, description: 'For how long the old secret is valid beside the new one.' }),
  }),
});
const RevokeInput = builder.inputType('RevokeApiTokenInput', {
  description: 'The end of a token.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Name of the token.' }) }),
});

const authScopes = { localEditor: true };
const errors = { types: [Refused] };
const MOST_GRACE_SECONDS = 30 * 86_400;

builder.queryField('apiTokens', (t) =>
  t.field({
    type: [ApiTokenType],
    description: 'All tokens that ever were; for editors on the machine.',
    authScopes,
    resolve: async (_, __, { db }) => [...(await listApiTokens(db))],
  }),
);

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: CreatedApiTokenType,
    description: 'Makes a token. From the first one on, every request needs one.',
    authScopes,
    errors,
    args: { input: t.arg({ type: CreateInput, required: true, description: 'The token.' }) },
    resolve: (_, { input: { name, role, expiresAt } }, { db }) =>
      refusing([], () => createApiToken(db, { name, role, expiresAt: expiresAt ?? null })),
  }),
  rotateApiToken: t.field({
    type: CreatedApiTokenType,
    description: 'Puts a new secret in the place of the one there is; name and role stay.',
    authScopes,
    errors,
    args: { input: t.arg({ type: RotateInput, required: true, description: 'Which one, and how.' }) },
    resolve: (_, { input: { name, graceSeconds } }, { db }) => {
      const seconds = graceSeconds ?? 0;
      if (seconds < 0 || seconds > MOST_GRACE_SECONDS)
        throw new Refused('bad-grace', `expected 0 to ${MOST_GRACE_SECONDS} seconds, got ${seconds}`, ['graceSeconds']);
      return refusing(['name'], () => rotateApiToken(db, name, { graceMs: seconds * 1000, now: new Date() }));
    },
  }),
  revokeApiToken: t.field({
    type: RevokedType,
    description: 'Ends all tokens of a name; connections that depend on them are closed within a second.',
    authScopes,
    errors,
    args: { input: t.arg({ type: RevokeInput, required: true, description: 'Which one.' }) },
    resolve: (_, { input: { name } }, { db }) =>
      refusing(['name'], async () => ({ revoked: await revokeApiTokens(db, name) })),
  }),
}));
