/** `kinetune report`: everything a study's trials say, and whether it may be believed. */
import { writeFileSync } from 'node:fs';
import { renderReportMarkdown } from '@kinetune/search';
import { listStudies } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { Command, Option } from 'commander';
import { gatherReport } from '../report/gather-report.ts';
import { gatherGroupReport } from '../report/group-report.ts';
import { renderGroupReport } from '../report/render-group-report.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { openHome } from './open-home.ts';
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
    .argument('[study]', 'the name of a study, or of a study group (default: the latest study)')
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
  await using storage = await openHome(resolveHome(options.home));
  const { db, home } = storage;
  const latest = (await listStudies(db)).at(-1);
  if (name === undefined && latest === undefined)
    throw new InputError('no-study', `there is no study in ${home} yet; start one with: kinetune train`);
  const members = (await listStudies(db)).filter(({ studyGroup }) => studyGroup !== null && studyGroup.name === name);
  if (members.length > 1) {
    const found = await gatherGroupReport(db, members);
    return deliver(found, { title: found.group, markdown: renderGroupReport(found), file: options.output, output });
  }
  const study = name === undefined ? (latest as NonNullable<typeof latest>) : await studyNamed(storage, name);
  const found = await gatherReport(db, study, { baseline: options.baseline });
  return deliver(found, {
    title: study.name,
    markdown: renderReportMarkdown(found),
    file: options.output,
    output,
  });
}

interface Delivery {
  readonly title: string;
  readonly markdown: string;
  readonly file: string | undefined;
  readonly output: Output;
}

function deliver(found: object, { title, markdown, file, output }: Delivery): number {
  if (file === undefined) {
    output.result(markdown.trimEnd().split('\n'));
    output.json(found);
  } else {
    const path = resolveInputPath(file);
    writeFileSync(path, output.isJson ? `${JSON.stringify(found, null, 2)}\n` : markdown);
    output.note(`The report of ${title} is in ${path}.`);
  }
  return EXIT_CODES.ok;
}
