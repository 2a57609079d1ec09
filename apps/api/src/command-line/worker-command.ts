/** `kinetune worker`: trains what the studies of a shared database want trained, until it is stopped. */
import { InputError } from '@kinetune/study';
import { Command } from 'commander';
import { addCommonOptions } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import { databaseUrl, openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { runCommand } from './run-command.ts';
import { startWork } from './start-work.ts';
import { addWorkOptions, type WorkFlags } from './work-options.ts';

interface WorkerOptions extends OutputFlags, WorkFlags {
  readonly home?: string;
}

export function workerCommand(): Command {
  const command = new Command('worker').description('train trials of a database that several machines share');
  return addCommonOptions(addWorkOptions(command))
    .addHelpText(
      'after',
      `
It takes work through PostgreSQL (DATABASE_URL) and the store, a folder that all machines see under some path, alone; it needs no
connection to the API. It trains the studies whose recordings it can read and that are the same ones, and says which it cannot.
A first signal stops its trials, which others go on with from their checkpoints; a second one ends it at once.

Examples:
  DATABASE_URL=postgresql://kinetune@db/kinetune kinetune worker --store /mnt/kinetune
  DATABASE_URL=postgresql://kinetune@db/kinetune kinetune worker --slots 2 --data /mnt/recordings`,
    )
    .action((options: WorkerOptions) => runCommand(options, (output) => work(options, output)));
}

async function work(flags: WorkerOptions, output: Output): Promise<number> {
  if (databaseUrl() === undefined) {
    throw new InputError(
      'worker-without-database',
      'a worker shares a PostgreSQL database with the API: set DATABASE_URL to its address, like postgresql://user:password@host:5432/database. On one machine `kinetune serve` trains by itself',
    );
  }
  using interruption = listenForInterruption();
  await using storage = await openHome(resolveHome(flags.home));
  await using working = await startWork(storage, {
    flags,
    interruption,
    output,
    hasScheduler: false,
    hasAgent: true,
  });
  output.json({ agent: working.agent?.id, slots: working.agent?.slots.length });
  await working.agent?.done;
  return EXIT_CODES.ok; // Being stopped is how it ends.
}
