/** `kinetune report`: everything a study's trials say, and whether it may be believed. */
import { writeFileSync } from 'node:fs';
import { renderReportMarkdown } from '@kinetune/search';
import { listStudies, openStorage } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Command, Option } from 'commander';
import { gatherReport } from '../report/gather-report.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath } from './paths.ts';
import { runCommand } from './run-command.ts';
import { studyNamed } from './study-named.ts';

interface ReportOptions extends OutputFlags {
  readonly home?: string;
  readonly output?: string;
  readonly baseline?: number;
}

export function reportCommand(): Command {
  const command = new Command('report')
    .description('what a study found, whether it may be believed, and what to do next')
    .argument('[study]', 'the name of a study in the home (default: the latest)')
    .addOption(new Option('-o, --output <file>', 'write the report there instead of printing it'))
    .addOption(
      new Option(
        '--baseline <trial>',
        'the trial whose configuration is in use: the best replicated one is compared with it',
      ).argParser(wholeNumber(0)),
    );
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
The report is Markdown, with --json the same as one JSON object. Its conclusion stays locked until the five questions
before believing a result are answered, or overridden with a reason: kinetune study override --help.

Examples:
  kinetune report
  kinetune report quick-start --output report.md
  kinetune report quick-start --json | jq '.checklist.answers[] | {question, status}'`,
    )
    .action((name: string | undefined, options: ReportOptions) =>
      runCommand(options, (output) => report(name, options, output)),
    );
}

async function report(name: string | undefined, options: ReportOptions, output: Output): Promise<number> {
  await using storage = await openStorage(resolveHome(options.home));
  const { db, home } = storage;
  const latest = (await listStudies(db)).at(-1);
  if (name === undefined && latest === undefined)
    throw new InputError('no-study', `there is no study in ${home} yet; start one with: kinetune train`);
  const study = name === undefined ? (latest as NonNullable<typeof latest>) : await studyNamed(storage, name);
  const found = await gatherReport(db, study, { baseline: options.baseline });
  const markdown = renderReportMarkdown(found);
  if (options.output !== undefined) {
    const file = resolveInputPath(options.output);
    writeFileSync(file, output.isJson ? `${JSON.stringify(found, null, 2)}\n` : markdown);
    output.note(`The report of ${study.name} is in ${file}.`);
    return EXIT_CODES.ok;
  }
  output.result(markdown.trimEnd().split('\n'));
  output.json(found);
  return EXIT_CODES.ok;
}
