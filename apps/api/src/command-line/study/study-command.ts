/** `kinetune study`: what is in the home, whether a file is a study, and what a person decides about one. */
import { Command } from 'commander';
import { checkCommand } from './check.ts';
import { concludeCommand } from './conclude.ts';
import { evaluateTestCommand } from './evaluate-test.ts';
import { listCommand } from './list.ts';
import { overrideCommand } from './override.ts';
import { refineCommand } from './refine.ts';
import { replayCommand } from './replay.ts';
import { replicateCommand } from './replicate.ts';
import { showCommand } from './show.ts';
import { widenCommand } from './widen.ts';

export function studyCommand(): Command {
  const command = new Command('study').description(
    'check study files; list, widen, replicate, refine and conclude studies',
  );
  const commands = [
    listCommand(),
    showCommand(),
    checkCommand(),
    widenCommand(),
    replicateCommand(),
    replayCommand(),
    refineCommand(),
    overrideCommand(),
    concludeCommand(),
    evaluateTestCommand(),
  ];
  for (const sub of commands) command.addCommand(sub);
  return command.addHelpText(
    'after',
    `
Examples:
  kinetune study list
  kinetune study show quick-start
  kinetune study show quick-start --json | jq '.best[0]'
  kinetune study check studies/hapt-6.yaml
  kinetune study widen quick-start --hyperparameter learningRate=1e-4..5e-2
  kinetune study replicate quick-start --trial 3 --seeds 5
  kinetune study replay quick-start --pruner percentile
  kinetune study refine quick-start --output exploit.yaml
  kinetune study override quick-start --question infeasible-share --reason "diverges above a known rate"
  kinetune study conclude quick-start "rates near 0.005 are best"
  kinetune study evaluate-test quick-start --reason "the configuration is chosen"`,
  );
}
