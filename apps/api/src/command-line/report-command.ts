/** `kinetune report`: everything a study's trials say, and whether it may be believed. */
import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { openDesk } from './desk/open-desk.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath } from './paths.ts';
import { runCommand } from './run-command.ts';

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
  await using desk = await openDesk(resolveHome(options.home));
  const { name: title, markdown, report } = await desk.report({ name, baseline: options.baseline });
  if (options.output === undefined) {
    output.result(markdown.trimEnd().split('\n'));
    output.json(report);
  } else {
    const path = resolveInputPath(options.output);
    writeFileSync(path, output.isJson ? `${JSON.stringify(report, null, 2)}\n` : markdown);
    output.note(`The report of ${title} is in ${path}.`);
  }
  return EXIT_CODES.ok;
}
