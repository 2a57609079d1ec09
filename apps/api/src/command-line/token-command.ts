/** `kinetune token`: who may use the API from elsewhere. */
import { API_ROLES, type ApiRole, type ApiToken, type CreatedApiToken } from '@kinetune/storage';
import { Command, Option } from 'commander';
import { renderTable } from '../terminal/table.ts';
import { addCommonOptions } from './common-options.ts';
import { parseDuration } from './duration.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { runCommand } from './run-command.ts';
import { atTokenDesk, type TokenDesk } from './token-desk.ts';

interface TokenOptions extends OutputFlags {
  readonly home?: string;
}

export function tokenCommand(): Command {
  const command = new Command('token').description('make, list, renew and end the tokens by which others use the API');
  const add = (sub: Command): Command => addCommonOptions(sub);
  command.addCommand(
    add(new Command('create').description('make a token; its secret is shown once'))
      .argument('<name>', 'whose it is')
      .addOption(
        new Option('--role <role>', 'viewer: reads and follows; editor: changes too')
          .choices(API_ROLES)
          .makeOptionMandatory(),
      )
      .addOption(
        new Option('--expires <duration>', 'how long it is valid, like 90d or 12h (default: for ever)').argParser(
          parseDuration,
        ),
      )
      .action((name: string, options: TokenOptions & { role: ApiRole; expires?: number }) =>
        run(options, async (desk, output) => {
          const expiresAt = options.expires === undefined ? null : new Date(Date.now() + options.expires * 1000);
          show(await desk.create({ name, role: options.role, expiresAt }), output);
        }),
      ),
  );
  command.addCommand(
    add(new Command('list').description('all tokens, without their secrets')).action((options: TokenOptions) =>
      run(options, async (desk, output) => list(await desk.list(), output)),
    ),
  );
  command.addCommand(
    add(new Command('rotate').description('a new secret for a token; name and role stay'))
      .argument('<name>', 'the token')
      .addOption(
        new Option('--grace <duration>', 'how long the old secret is valid beside the new one, like 1h')
          .default(0, 'not at all')
          .argParser(parseDuration),
      )
      .action((name: string, options: TokenOptions & { grace: number }) =>
        run(options, async (desk, output) => show(await desk.rotate(name, options.grace), output)),
      ),
  );
  command.addCommand(
    add(new Command('revoke').description('end a token, and the connections that depend on it'))
      .argument('<name>', 'the token')
      .action((name: string, options: TokenOptions) =>
        run(options, async (desk, output) => {
          const revoked = await desk.revoke(name);
          output.json({ revoked });
          output.result([`${name} is revoked: its connections are closed within a second.`]);
        }),
      ),
  );
  return command.addHelpText(
    'after',
    `
From the first token on, every request to the API needs one, also from this machine; once all are revoked, none from this machine
does. Commands on this home are let in by a note that only its owner can read.

Examples:
  kinetune token create ann --role editor --expires 90d
  kinetune token rotate ann --grace 1h
  curl -H "Authorization: Bearer kt_..." -H 'content-type: application/json' \\
    -d '{"query":"{ studies { nodes { name } } }"}' http://127.0.0.1:4000/graphql`,
  );
}

function run(options: TokenOptions, work: (desk: TokenDesk, output: Output) => Promise<void>): Promise<void> {
  return runCommand(options, async (output) => {
    await atTokenDesk(resolveHome(options.home), (desk) => work(desk, output));
    return EXIT_CODES.ok;
  });
}

function show({ token, secret }: CreatedApiToken, output: Output): void {
  output.json({ ...publicly(token), secret });
  output.result([secret]);
  output.note(
    `This is the secret of ${token.name} (${token.role}${token.expiresAt === null ? '' : `, valid until ${token.expiresAt.toISOString()}`}). It is shown this once.`,
  );
}

function list(tokens: readonly ApiToken[], output: Output): void {
  const now = Date.now();
  output.json({ tokens: tokens.map((token) => ({ ...publicly(token), state: stateOf(token, now) })) });
  if (tokens.length === 0)
    return output.result(['There is none: kinetune token create <name> --role editor makes one.']);
  const day = (moment: Date | null): string => moment?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
  output.result(
    renderTable(
      ['name', 'role', 'state', 'created', 'last used', 'expires'].map((title) => ({ title })),
      tokens.map((token) => [
        token.name,
        token.role,
        stateOf(token, now),
        day(token.createdAt),
        day(token.lastUsedAt),
        day(token.expiresAt),
      ]),
      { width: output.width },
    ),
  );
}

function publicly({ id: _, ...token }: ApiToken): Omit<ApiToken, 'id'> {
  return token;
}

function stateOf({ revokedAt, replacedAt, expiresAt }: ApiToken, now: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && expiresAt.getTime() <= now) return replacedAt === null ? 'expired' : 'replaced';
  return replacedAt === null ? 'valid' : 'in grace';
}
