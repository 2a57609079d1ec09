/** `kinetune study adopt` and `kinetune study reject`. */
import type { LaunchDecision } from '@kinetune/storage';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { byOption, type ByOption } from './by-option.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface DecideOptions extends StudyOptions, ByOption {
  readonly trial: number;
  readonly baseline?: number;
  readonly reason: string;
}

export function adoptCommand(): Command {
  return decideCommand('adopt', 'adopted', 'enter into the ledger that a configuration is in use from now on');
}

export function rejectCommand(): Command {
  return decideCommand('reject', 'rejected', 'enter into the ledger that a candidate is not adopted');
}

function decideCommand(name: string, decision: LaunchDecision, description: string): Command {
  return deskCommand<DecideOptions>(
    name,
    `${description}; refused while a question before believing the study is open`,
    (asked) => decide(decision, asked),
  )
    .addOption(
      new Option('--trial <n>', 'the candidate, a completed configuration, by number')
        .argParser(wholeNumber(0))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--baseline <n>', 'what was in use, in the same study (default: nothing was)').argParser(
        wholeNumber(0),
      ),
    )
    .addOption(new Option('--reason <text>', 'why; it stays with the decision').makeOptionMandatory())
    .addOption(byOption());
}

async function decide(
  decision: LaunchDecision,
  { desk, name, options, output }: AskedStudy<DecideOptions>,
): Promise<number> {
  const { trial: number, baseline, reason, by } = options;
  const decided = await desk.decide(name, { decision, number, baseline, reason, by });
  const place = baseline === undefined ? '' : ` in place of ${baseline}`;
  output.result([
    `${name}: configuration ${number} is ${decision}${place}: ${decided.reason} (${decided.by})`,
    ...(decision === 'adopted'
      ? [`Look at the test people, once: kinetune study evaluate-test ${name} --reason "<why now>"`]
      : []),
  ]);
  output.json({ study: name, trial: number, baseline: baseline ?? null, ...decided });
  return EXIT_CODES.ok;
}
