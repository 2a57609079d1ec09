/** `kinetune study list`. */
import { countTrials, listStudies } from '@kinetune/storage';
import { Command, Option } from 'commander';
import { count } from '../../terminal/format.ts';
import { renderTable } from '../../terminal/table.ts';
import { addCommonOptions } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { openHome } from '../open-home.ts';
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
  await using storage = await openHome(resolveHome(home));
  const all = await listStudies(storage.db);
  const listed = all.filter(({ archivedAt }) => areArchivedShown || archivedAt === null);
  const rows = await Promise.all(
    listed.map(async (study) => ({ study, trials: await countTrials(storage.db, study.id) })),
  );
  output.json(
    rows.map(({ study, trials }) => ({
      name: study.name,
      state: study.state,
      archivedAt: study.archivedAt,
      goal: study.goal,
      model: study.model,
      dataset: study.data?.dataset ?? null,
      budgetTrials: study.budget.trials,
      trials,
      createdAt: study.createdAt,
    })),
  );
  if (rows.length < all.length)
    output.note(`${count(all.length - rows.length, 'archived study', 'archived studies')} more: --archived lists all.`);
  if (all.length === 0) {
    output.result([`No study yet in ${storage.home}. Start one with: kinetune train`]);
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
      rows.map(({ study, trials }) => [
        study.name,
        `${study.state.toLowerCase()}${study.archivedAt === null ? '' : ', archived'}`,
        `${trials.COMPLETED + trials.PRUNED + trials.INFEASIBLE}/${study.budget.trials}`,
        study.data?.dataset ?? '-',
        study.model,
        study.goal,
      ]),
      { width: output.width, indent: '', title: output.resultStyles.dim },
    ),
  );
  return EXIT_CODES.ok;
}
