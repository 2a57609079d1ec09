/** `kinetune study`: what is in the home, whether a file is a study, and what a person decides about one. */
import { Command } from 'commander';
import { archiveCommand, cancelCommand, pauseCommand, resumeCommand, unarchiveCommand } from './change-state.ts';
import { checkCommand } from './check.ts';
import { concludeCommand } from './conclude.ts';
import { adoptCommand, rejectCommand } from './decide-adoption.ts';
import { deleteCommand } from './delete.ts';
import { evaluateTestCommand } from './evaluate-test.ts';
import { extendCommand } from './extend.ts';
import { listCommand } from './list.ts';
import { overrideCommand } from './override.ts';
import { refineCommand } from './refine.ts';
import { replayCommand } from './replay.ts';
import { replicateCommand } from './replicate.ts';
import { showCommand } from './show.ts';
import { widenCommand } from './widen.ts';

export function studyCommand(): Command {
  const command = new Command('study').description(
    'check study files; list, steer, widen, replicate, refine, conclude, archive and delete studies',
  );
  const commands = [
    listCommand(),
    showCommand(),
    checkCommand(),
    pauseCommand(),
    resumeCommand(),
    cancelCommand(),
    extendCommand(),
    widenCommand(),
    replicateCommand(),
    replayCommand(),
    refineCommand(),
    overrideCommand(),
    concludeCommand(),
    adoptCommand(),
    rejectCommand(),
    evaluateTestCommand(),
    archiveCommand(),
    unarchiveCommand(),
    deleteCommand(),
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
  kinetune study extend quick-start --trials 40
  kinetune study widen quick-start --hyperparameter learningRate=1e-4..5e-2
  kinetune study replicate quick-start --trial 3 --seeds 5
  kinetune study replay quick-start --pruner percentile
  kinetune study refine quick-start --output exploit.yaml
  kinetune study override quick-start --question infeasible-share --reason "diverges above a known rate"
  kinetune study conclude quick-start "rates near 0.005 are best"
  kinetune study adopt quick-start --trial 3 --reason "the best of five seeds"
  kinetune study evaluate-test quick-start --reason "the configuration is chosen"
  kinetune study delete quick-start --yes`,
  );
}
