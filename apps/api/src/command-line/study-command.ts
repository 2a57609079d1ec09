/** `kinetune study`: what is in the home, and whether a file is a study. */
import { countTrials, listStudies, openStorage } from '@kinetune/storage';
import { Command } from 'commander';
import { gatherFindings } from '../findings/gather-findings.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { renderStudyCheck } from '../studies/render-study-check.ts';
import { resolveStudy } from '../studies/resolve-study.ts';
import { findStudyData } from '../studies/study-data.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import { renderTable } from '../terminal/table.ts';
import { addCommonOptions } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { runCommand } from './run-command.ts';
import { studyNamed } from './study-named.ts';
import { DEFAULT_STUDY, readStudySource } from './study-source.ts';

interface StudyOptions extends OutputFlags {
  readonly home?: string;
}

export function studyCommand(): Command {
  const command = new Command('study').description('list studies, show findings again, check a study file');
  command.addCommand(
    addCommonOptions(new Command('list').description('the studies in the home, oldest first')).action(
      (options: StudyOptions) => runCommand(options, (output) => list(options, output)),
    ),
  );
  command.addCommand(
    addCommonOptions(
      new Command('show').description('the findings of a study').argument('<name>', 'the name of a study in the home'),
    ).action((name: string, options: StudyOptions) => runCommand(options, (output) => show(name, options, output))),
  );
  command.addCommand(
    addCommonOptions(
      new Command('check')
        .description('check a study file and show what it resolves to; nothing is run')
        .argument('[study-file]', 'a study file (YAML)', DEFAULT_STUDY),
    ).action((file: string, options: StudyOptions) => runCommand(options, (output) => check(file, output))),
  );
  return command.addHelpText(
    'after',
    `
Examples:
  kinetune study list
  kinetune study show quick-start
  kinetune study show quick-start --json | jq '.best[0]'
  kinetune study check studies/hapt-6.yaml`,
  );
}

async function list({ home }: StudyOptions, output: Output): Promise<number> {
  await using storage = await openStorage(resolveHome(home));
  const rows = await Promise.all(
    (await listStudies(storage.db)).map(async (study) => ({ study, trials: await countTrials(storage.db, study.id) })),
  );
  output.json(
    rows.map(({ study, trials }) => ({
      name: study.name,
      state: study.state,
      goal: study.goal,
      model: study.model,
      dataset: study.data.dataset,
      budgetTrials: study.budget.trials,
      trials,
      createdAt: study.createdAt,
    })),
  );
  if (rows.length === 0) {
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
        study.state.toLowerCase(),
        `${trials.COMPLETED + trials.PRUNED + trials.INFEASIBLE}/${study.budget.trials}`,
        study.data.dataset,
        study.model,
        study.goal,
      ]),
      { width: output.width, indent: '', title: output.resultStyles.dim },
    ),
  );
  return EXIT_CODES.ok;
}

async function show(name: string, { home }: StudyOptions, output: Output): Promise<number> {
  await using storage = await openStorage(resolveHome(home));
  const { db } = storage;
  const study = await studyNamed(storage, name);
  const findings = await gatherFindings(db, study, { data: await findStudyData(db, study) });
  output.result(
    renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
  );
  output.json(findings);
  return EXIT_CODES.ok;
}

async function check(typedFile: string, output: Output): Promise<number> {
  const source = readStudySource(typedFile);
  const resolved = resolveStudy(source.studyFile, source);
  output.result(renderStudyCheck(source.file, resolved, { width: output.width, styles: output.resultStyles }));
  output.json({ file: source.file, study: resolved });
  return EXIT_CODES.ok;
}
