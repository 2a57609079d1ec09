/** `kinetune export`: a study for other programs. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { EXPORTED, type Exported } from '../exchange/export-csv.ts';
import type { ExportRequest } from '../exchange/export-text.ts';
import { writeOutput } from '../exchange/write-output.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { resolveInputPath } from './paths.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study/study-options.ts';

interface ExportOptions extends StudyOptions {
  readonly csv?: boolean;
  readonly what?: Exported;
  readonly output?: string;
  readonly curves?: string;
}

export function exportCommand(): Command {
  return deskCommand<ExportOptions>('export', 'a study as CSV or JSON, for other programs', exportStudy)
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

async function exportStudy({ desk, name, options, output }: AskedStudy<ExportOptions>): Promise<number> {
  const format = options.json === true && options.csv !== true ? 'json' : 'csv';
  const what = options.what ?? (format === 'json' ? 'all' : 'trials');
  const [file, curves] = [options.output, options.curves].map((path) => path && resolveInputPath(path));
  if (file !== undefined && file === curves)
    throw new InputError('same-file', `--curves: expected another file than that of --output, got ${file} twice`);
  const parts: Part[] = [
    ...(curves === undefined
      ? []
      : [{ format: 'csv', what: 'measurements', path: curves, option: '--curves' } as const]),
    { format, what, path: file, option: '--output' },
  ];
  await desk.export(name, parts, async (text, { path, option }) => {
    if (path === undefined) await print(text);
    else await writeOutput(text, path, option);
  });
  for (const path of [file, curves]) if (path !== undefined) output.note(`${name} is in ${path}.`);
  if (file !== undefined) output.json({ study: name, file, curves: curves ?? null, what });
  return EXIT_CODES.ok;
}

/** What is written where; without a path it is printed. */
interface Part extends ExportRequest {
  readonly path: string | undefined;
  readonly option: string;
}

async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // A reader that left has what it wanted.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
