/** `kinetune backup`, `kinetune restore` and `kinetune move`: a home in one file, and back, and from one database to another. */
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyDatabase, openPostgres, openStorage } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Command, Option } from 'commander';
import { restoreBackup } from '../backup/restore-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { count, formatBytes } from '../terminal/format.ts';
import { addCommonOptions } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { databaseUrl, MOVED_DATABASE, openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath, workspaceRoot } from './paths.ts';
import { runCommand } from './run-command.ts';
import { resolveStore } from './start-work.ts';

interface HomeOptions extends OutputFlags {
  readonly home?: string;
}

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('write the database, checkpoints, logs and windows of a home into one file')
    .argument('<file>', 'a new file that ends in .tar.zst, .tar.gz or .tar')
    .addOption(
      new Option(
        '--store <folder>',
        'where checkpoints, logs and windows lie (default: KINETUNE_STORE, else the home)',
      ),
    );
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
On PostgreSQL it may run beside servers and workers; the embedded database is open to one process at a time, so stop the server
first. The file holds everything that is in the home, hashes of tokens as well: keep it as you keep the home.

Examples:
  kinetune backup kinetune.tar.zst
  DATABASE_URL=postgresql://kinetune@db/kinetune kinetune backup --store /mnt/kinetune kinetune.tar.zst`,
    )
    .action((file: string, options: HomeOptions & { store?: string }) =>
      runCommand(options, async (output) => {
        const home = requireHome(resolveHome(options.home));
        await using storage = await openHome(home);
        const path = resolve(workspaceRoot, file);
        const store = resolveStore(options.store, home);
        const summary = await writeBackup(storage.db, path, { store, now: new Date() });
        for (const name of summary.vanished) output.warn(`${name} was replaced while it was written, and is left out`);
        output.json({ file: path, ...summary });
        output.result([
          `${path} holds ${count(summary.rows, 'row')} and ${count(summary.files, 'file')}, ${formatBytes(summary.bytes)} before compression.`,
        ]);
        return EXIT_CODES.ok;
      }),
    );
}

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('put a backup into a home that does not exist yet')
    .argument('<file>', 'what kinetune backup wrote');
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
Every entry is held against the checksum it was written with before anything gets its place. With DATABASE_URL the rows go into that
database, which has to be empty; without it the home gets its own.

Examples:
  kinetune restore kinetune.tar.zst --home /folder/of/state
  DATABASE_URL=postgresql://kinetune@db/kinetune kinetune restore kinetune.tar.zst`,
    )
    .action((file: string, options: HomeOptions) =>
      runCommand(options, async (output) => {
        const home = resolveHome(options.home);
        const summary = await restoreBackup(resolveInputPath(file), { home, databaseUrl: databaseUrl() });
        output.json({ home, ...summary });
        output.result([
          `${home} is as it was at ${summary.createdAt}: ${count(summary.rows, 'row')} and ${count(summary.files, 'file')}.`,
        ]);
        return EXIT_CODES.ok;
      }),
    );
}

export function moveCommand(): Command {
  const command = new Command('move').description(
    "copy the home's embedded database into the empty PostgreSQL database of DATABASE_URL",
  );
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
All rows or none: they are copied in one transaction and counted on both sides. Checkpoints, logs and windows stay in the home; the
old database stays there too, under another name.

Example:
  DATABASE_URL=postgresql://kinetune@db/kinetune kinetune move`,
    )
    .action((options: HomeOptions) => runCommand(options, (output) => move(resolveHome(options.home), output)));
}

async function move(home: string, output: Output): Promise<number> {
  const url = databaseUrl();
  if (url === undefined)
    throw new InputError(
      'move-without-database',
      'expected DATABASE_URL to name the PostgreSQL database to move to, like postgresql://user:password@host:5432/database, got nothing',
    );
  if (existsSync(join(home, MOVED_DATABASE)))
    throw new InputError(
      'moved-already',
      `expected a home that was not moved before, got one with ${MOVED_DATABASE}: move that folder away first`,
    );
  if (!existsSync(join(home, 'database')))
    throw new InputError('nothing-to-move', `expected a home with an embedded database, got ${home}, which has none`);
  let copied: Readonly<Record<string, number>>;
  {
    await using from = await openStorage(home);
    await using to = await openPostgres(home, url);
    copied = await copyDatabase(from.db, to.db);
  }
  renameSync(join(home, 'database'), join(home, MOVED_DATABASE));
  await (await openPostgres(home, url))[Symbol.asyncDispose](); // Its queue is made of the trials that came.
  const rows = Object.values(copied).reduce((sum, one) => sum + one, 0);
  output.json({ home, rows: copied });
  output.result([
    `${count(rows, 'row')} in ${count(Object.keys(copied).length, 'table')} are in PostgreSQL now. Set DATABASE_URL for every command from here on.`,
    `The old database is kept as ${join(home, MOVED_DATABASE)}; delete it when you no longer want it.`,
  ]);
  return EXIT_CODES.ok;
}

function requireHome(home: string): string {
  if (existsSync(home)) return home;
  throw new InputError(
    'unknown-home',
    `expected a home to back up, got ${home}: there is none. --home names another one`,
  );
}
