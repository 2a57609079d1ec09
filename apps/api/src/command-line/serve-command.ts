/** `kinetune serve`: the API, until it is stopped. */
import { Command, Option } from 'commander';
import { inspect } from 'node:util';
import { startServer } from '../server/start-server.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { listenForInterruption } from './interruption.ts';
import { noteApi } from './noted-api.ts';
import { openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { runCommand } from './run-command.ts';
import { startWork } from './start-work.ts';
import { addWorkOptions, type WorkFlags } from './work-options.ts';

interface ServeOptions extends OutputFlags, WorkFlags {
  readonly home?: string;
  readonly port: number;
  readonly allowOrigin: readonly string[];
  /** Commander's name for --no-agent. */
  readonly agent: boolean;
}

export const DEFAULT_PORT = 4000;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve the GraphQL API of the home on this machine, and train what its studies want trained')
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
    )
    .addOption(new Option('--no-agent', 'train nothing here: workers do'));
  return addCommonOptions(addWorkOptions(command))
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

async function serve({ home, port, allowOrigin, agent, ...flags }: ServeOptions, output: Output): Promise<number> {
  using interruption = listenForInterruption();
  await using storage = await openHome(resolveHome(home));
  await using server = await startServer({
    db: storage.db,
    home: storage.home,
    host: '127.0.0.1',
    port,
    rules: { hosts: [], origins: allowOrigin },
    onError: ({ id, error }) => output.warn(`${id}: ${inspect(error)}`),
  });
  using _ = noteApi(storage.home, server.url);
  await using work = await startWork(storage, { flags, interruption, output, hasScheduler: true, hasAgent: agent });
  output.note(`The API of ${storage.home} is at ${server.url}/graphql. Ctrl-C stops it.`);
  output.json({ url: server.url, home: storage.home });
  const { stop } = interruption;
  if (!stop.aborted)
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  await work.agent?.done;
  return interruption.exitCode();
}
