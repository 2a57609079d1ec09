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
  readonly csv?: boolean;
  readonly what?: Exported;
  readonly output?: string;
  readonly curves?: string;
}

export function exportCommand(): Command {
  return namedStudyCommand<ExportOptions>('export', 'a study as CSV or JSON, for other programs', exportStudy)
    .addOption(new Option('--csv', 'a table, a row a trial (default; --json: the whole study)'))
    .addOption(
      new Option('--what <part>', 'trials (default of csv), measurements, or all (default of json)').choices(EXPORTED),
    )
    .addOption(new Option('-o, --output <file>', 'write it there instead of printing it'))
    .addOption(new Option('--curves <file>', 'write the measurements there too, as CSV, a row a measurement'))
    .addHelpText(
      'after',
      `
CSV is a table by RFC 4180: a row a trial (hyperparameters by their full names; best.* is each metric at the best step), a row a
measurement (metric.*), or with --what all a row a measurement with its trial's columns. Empty is what is missing or not finite.
Text that a spreadsheet takes for a formula is not changed; import such a file as text.

JSON is the whole study, with null for what is not finite; \`kinetune import kinetune <file>\` reads it where --what is all.

Examples:
  kinetune export quick-start > trials.csv
  kinetune export quick-start --output trials.csv --curves curves.csv
  kinetune export quick-start --json --output quick-start.json`,
    );
}

async function exportStudy({ storage: { db }, study, options, output }: NamedStudy<ExportOptions>): Promise<number> {
  const isJson = options.json === true && options.csv !== true;
  const what = options.what ?? (isJson ? 'all' : 'trials');
  const [file, curves] = [options.output, options.curves].map((path) => path && resolveInputPath(path));
  if (file !== undefined && file === curves)
    throw new InputError('same-file', `--curves: expected another file than that of --output, got ${file} twice`);
  await atOneMoment(db, async (standing) => {
    if (curves !== undefined) await write(exportCsv(standing, study, 'measurements'), curves, '--curves');
    const text = isJson ? exportJson(standing, study, what) : exportCsv(standing, study, what);
    if (file === undefined) await print(text);
    else await write(text, file, '--output');
  });
  for (const path of [file, curves]) if (path !== undefined) output.note(`${study.name} is in ${path}.`);
  if (file !== undefined) output.json({ study: study.name, file, curves: curves ?? null, what });
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
async function write(text: AsyncIterable<string>, path: string, option: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new InputError(
      'not-a-file',
      `${option}: expected a file to write, got the folder ${path}: name a file in it`,
    );
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(Readable.from(text), createWriteStream(unfinished));
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new InputError('not-a-file', `${option}: expected a file in a folder that exists, got ${path}`);
    throw error;
  }
}
