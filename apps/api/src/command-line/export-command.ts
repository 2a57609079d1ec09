/** `kinetune export`: a study for other programs. */
import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { atOneMoment } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { exportCsv, EXPORTED, type Exported } from '../exchange/export-csv.ts';
import { exportJson } from '../exchange/export-json.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { resolveInputPath } from './paths.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study/study-options.ts';

interface ExportOptions extends StudyOptions {
  readonly format?: 'csv' | 'json';
  readonly what?: Exported;
  readonly output?: string;
}

export function exportCommand(): Command {
  return namedStudyCommand<ExportOptions>('export', 'a study as CSV or JSON, for other programs', exportStudy)
    .addOption(new Option('--format <format>', 'csv (default) or json').choices(['csv', 'json']))
    .addOption(
      new Option('--what <part>', 'trials (default of csv), measurements, or all (default of json)').choices(EXPORTED),
    )
    .addOption(new Option('-o, --output <file>', 'write it there instead of printing it'))
    .addHelpText(
      'after',
      `
CSV is a table by RFC 4180: a row a trial (hyperparameters by their full names; best.* is each metric at the best step), a row a
measurement (metric.*), or with --what all a row a measurement with its trial's columns. Empty is what is missing or not finite.
Text that a spreadsheet takes for a formula is not changed; import such a file as text.

JSON is the whole study, with null for what is not finite; \`kinetune import kinetune <file>\` reads it where --what is all.
--json without --output is --format json.

Examples:
  kinetune export quick-start > trials.csv
  kinetune export quick-start --what measurements --output curves.csv
  kinetune export quick-start --format json --output quick-start.json`,
    );
}

async function exportStudy({ storage: { db }, study, options, output }: NamedStudy<ExportOptions>): Promise<number> {
  const isJson = (options.format ?? (output.isJson && options.output === undefined ? 'json' : 'csv')) === 'json';
  const what = options.what ?? (isJson ? 'all' : 'trials');
  await atOneMoment(db, async (standing) => {
    const text = isJson ? exportJson(standing, study, what) : exportCsv(standing, study, what);
    if (options.output === undefined) await print(text);
    else await write(text, resolveInputPath(options.output));
  });
  if (options.output === undefined) return EXIT_CODES.ok;
  const file = resolveInputPath(options.output);
  output.note(`${study.name} is in ${file}.`);
  output.json({ study: study.name, file, format: isJson ? 'json' : 'csv', what });
  return EXIT_CODES.ok;
}

async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // A reader that left has what it wanted.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** A file that was there stays until the new one is whole. */
async function write(text: AsyncIterable<string>, path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new InputError('not-a-file', `--output: expected a file to write, got the folder ${path}: name a file in it`);
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(Readable.from(text), createWriteStream(unfinished));
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new InputError('not-a-file', `--output: expected a file in a folder that exists, got ${path}`);
    throw error;
  }
}
