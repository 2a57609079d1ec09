/** `kinetune serve`: the API, until it is stopped. */
import { openStorage } from '@kinetune/storage';
import { Command, Option } from 'commander';
import { inspect } from 'node:util';
import { startServer } from '../server/start-server.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { listenForInterruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { runCommand } from './run-command.ts';

interface ServeOptions extends OutputFlags {
  readonly home?: string;
  readonly port: number;
  readonly allowOrigin: readonly string[];
}

export const DEFAULT_PORT = 4000;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve the GraphQL API of the home on this machine')
    .addOption(
      new Option('--port <n>', 'port to listen on; 0: any free one')
        .default(DEFAULT_PORT)
        .argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option(
        '--allow-origin <origin...>',
        'web pages of these origins may use it, e.g. http://localhost:3000',
      ).default([]),
    );
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
It listens on loopback alone: everything on this machine may use it, nothing else can reach it.
/graphql answers over HTTP and websockets (graphql-ws), /healthz and /readyz say whether it works.

Examples:
  kinetune serve
  kinetune serve --port 5000 --home /folder/of/state`,
    )
    .action((options: ServeOptions) => runCommand(options, (output) => serve(options, output)));
}

async function serve({ home, port, allowOrigin }: ServeOptions, output: Output): Promise<number> {
  using interruption = listenForInterruption();
  await using storage = await openStorage(resolveHome(home));
  await using server = await startServer({
    db: storage.db,
    home: storage.home,
    host: '127.0.0.1',
    port,
    rules: { hosts: [], origins: allowOrigin },
    onError: ({ id, error }) => output.warn(`${id}: ${inspect(error)}`),
  });
  output.note(`The API of ${storage.home} is at ${server.url}/graphql. Ctrl-C stops it.`);
  output.json({ url: server.url, home: storage.home });
  await new Promise<void>((resolve) => interruption.stop.addEventListener('abort', () => resolve(), { once: true }));
  return interruption.exitCode();
}
