/** `kinetune study list`. */
import { Command, Option } from 'commander';
import { count } from '../../terminal/format.ts';
import { renderTable } from '../../terminal/table.ts';
import { addCommonOptions } from '../common-options.ts';
import { openDesk } from '../desk/open-desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { resolveHome } from '../paths.ts';
import { runCommand } from '../run-command.ts';
import type { StudyOptions } from './study-options.ts';

interface ListOptions extends StudyOptions {
  readonly archived?: boolean;
}

export function listCommand(): Command {
  return addCommonOptions(new Command('list').description('the studies in the home, oldest first'))
    .addOption(new Option('--archived', 'archived ones, too'))
    .action((options: ListOptions) => runCommand(options, (output) => list(options, output)));
}

async function list({ home, archived: areArchivedShown = false }: ListOptions, output: Output): Promise<number> {
  await using desk = await openDesk(resolveHome(home));
  const all = await desk.list();
  const studies = all.filter(({ archivedAt }) => areArchivedShown || archivedAt === null);
  output.json(studies);
  if (studies.length < all.length)
    output.note(
      `${count(all.length - studies.length, 'archived study', 'archived studies')} more: --archived lists all.`,
    );
  if (all.length === 0) {
    output.result([`No study yet in ${desk.home}. Start one with: kinetune train`]);
    return EXIT_CODES.ok;
  }
  output.result(
    renderTable(
      [
        { title: 'study' },
        { title: 'state' },
        { title: 'trials', align: 'right' },
        { title: 'data' },
        { title: 'model' },
        { title: 'goal' },
      ],
      studies.map(({ name, state, archivedAt, trials, budgetTrials, dataset, model, goal }) => [
        name,
        `${state.toLowerCase()}${archivedAt === null ? '' : ', archived'}`,
        `${trials.COMPLETED + trials.PRUNED + trials.INFEASIBLE}/${budgetTrials}`,
        dataset ?? '-',
        model,
        goal,
      ]),
      { width: output.width, indent: '', title: output.resultStyles.dim },
    ),
  );
  return EXIT_CODES.ok;
}
