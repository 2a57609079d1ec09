/** `kinetune serve`: the API, until it is stopped. */
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { startCleaner } from '../checkpoints/start-cleaner.ts';
import { createHomeSecret } from '../server/authenticator.ts';
import { createLog, LOG_LEVELS, type LogLevel } from '../server/log.ts';
import { startServer } from '../server/start-server.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import { noteApi } from './noted-api.ts';
import { openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath, workspaceRoot } from './paths.ts';
import { addRetentionOptions, retentionRules, uploadRules, type RetentionFlags } from './retention-options.ts';
import { runCommand } from './run-command.ts';
import { resolveStore, startWork } from './start-work.ts';
import { addWorkOptions, type WorkFlags } from './work-options.ts';

interface ServeOptions extends OutputFlags, WorkFlags, RetentionFlags {
  readonly home?: string;
  readonly host: string;
  readonly port: number;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly allowData: readonly string[];
  readonly allowCommands?: boolean;
  readonly log?: string;
  readonly logLevel?: LogLevel;
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
      new Option('--host <address>', 'address to listen on; any but loopback demands a token').default('127.0.0.1'),
    )
    .addOption(new Option('--allow-host <name...>', 'names by which others reach it, e.g. tuning.example').default([]))
    .addOption(
      new Option(
        '--allow-origin <origin...>',
        'web pages of these origins may use it, e.g. http://localhost:3000',
      ).default([]),
    )
    .addOption(
      new Option(
        '--allow-data <folder...>',
        'folders besides the home that clients may import recordings from',
      ).default([]),
    )
    .addOption(
      new Option('--allow-commands', 'editors on other machines may name commands as trainers, which run here'),
    )
    .addOption(new Option('--log <file>', 'append the log to this file (default: stderr)'))
    .addOption(
      new Option('--log-level <level>', 'what is logged (default: info; on a terminal: warn)').choices(LOG_LEVELS),
    )
    .addOption(new Option('--no-agent', 'train nothing here: workers do'));
  return addCommonOptions(addRetentionOptions(addWorkOptions(command)))
    .addHelpText(
      'after',
      `
It listens on loopback alone: everything on this machine may use it, nothing else can reach it. From the first token on
(kinetune token create), and for --host anything else, every request needs one: docs/security.md.
/graphql answers over HTTP and websockets (graphql-ws), /healthz and /readyz say whether it works, /metrics how (Prometheus).
The log is a JSON object a line.

Examples:
  kinetune serve
  kinetune serve --port 5000 --home /folder/of/state
  kinetune serve --host 0.0.0.0 --allow-host tuning.example --log /var/log/kinetune.log`,
    )
    .action((options: ServeOptions) => runCommand(options, (output) => serve(options, output)));
}

async function serve(options: ServeOptions, plain: Output): Promise<number> {
  const { host, port, allowHost, allowOrigin, allowData, agent, ...flags } = options;
  const { log, output } = openLog(options, plain);
  using interruption = listenForInterruption();
  await using storage = await openHome(resolveHome(flags.home));
  const store = resolveStore(flags.store, storage.home);
  const homeSecret = createHomeSecret();
  await using server = await startServer({
    db: storage.db,
    home: storage.home,
    store,
    host,
    port,
    rules: { hosts: allowHost, origins: allowOrigin },
    dataFolders: [...allowData, ...(flags.data === undefined ? [] : [flags.data])].map((folder) =>
      resolveInputPath(folder),
    ),
    areCommandsAllowed: flags.allowCommands === true,
    homeSecret,
    log,
    onError: ({ id, error }) => log.error({ id, err: error }, 'an error that its client was not told'),
  });
  const url = reachedFromHere(server.url);
  using _ = noteApi(storage.home, url, homeSecret);
  await using work = await startWork(storage, { flags, interruption, output, hasScheduler: true, hasAgent: agent });
  await using _cleaner = startCleaner(storage.db, {
    ...retentionRules(flags),
    uploads: { ...uploadRules(flags), home: storage.home },
    store,
    log,
  });
  output.note(`The API of ${storage.home} is at ${url}/graphql. Ctrl-C stops it.`);
  output.json({ url, home: storage.home });
  const { stop } = interruption;
  if (!stop.aborted)
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  await work.agent?.done;
  return EXIT_CODES.ok; // Being stopped is how it ends.
}

/** The log, and an output whose remarks are lines of it: people at a terminal read them as they are. */
function openLog(
  { log: file, logLevel }: ServeOptions,
  plain: Output,
): { readonly log: Logger; readonly output: Output } {
  const isRead = process.stderr.isTTY && file === undefined;
  const log = createLog({
    level: logLevel ?? (isRead ? 'warn' : 'info'),
    file: file === undefined ? undefined : resolve(workspaceRoot, file),
  });
  const output = { ...plain, note: (text: string) => log.info(text), warn: (text: string) => log.warn(text) };
  return { log, output: process.stderr.isTTY ? plain : output };
}

/** An address of all interfaces is none that can be connected to. */
function reachedFromHere(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
