/** `kinetune study check`. */
import { Command } from 'commander';
import { trainerCommand } from '../../agent/trainer-command.ts';
import { checkStudy } from '../../studies/check-study.ts';
import { renderStudyCheck } from '../../studies/render-study-check.ts';
import { resolveStudies } from '../../studies/resolve-study.ts';
import { addCommonOptions } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { workspaceRoot } from '../paths.ts';
import type { Output } from '../output.ts';
import { runCommand } from '../run-command.ts';
import { DEFAULT_STUDY, readStudySource } from '../study-source.ts';
import type { StudyOptions } from './study-options.ts';

export function checkCommand(): Command {
  return addCommonOptions(
    new Command('check')
      .description('check a study file and show what it resolves to; nothing is run')
      .argument('[study-file]', 'a study file (YAML)', DEFAULT_STUDY),
  ).action((file: string, options: StudyOptions) =>
    runCommand(options, async (output: Output) => {
      const source = readStudySource(file);
      const studies = resolveStudies(source.studyFile, source);
      for (const { trainer } of studies) trainerCommand(workspaceRoot, { trainer });
      const checks = studies.map(checkStudy);
      const names = checks.map(({ study }) => study.name).join(', ');
      output.result([
        checks.length === 1
          ? `${source.file} is a study.`
          : `${source.file} is a group of ${checks.length} studies: ${names}.`,
        ...checks.flatMap((check, index) => [
          ...(index === 0 ? [] : ['']),
          ...renderStudyCheck(check, { width: output.width, styles: output.resultStyles }),
        ]),
      ]);
      output.json({ file: source.file, ...checks[0], studies: checks });
      return EXIT_CODES.ok;
    }),
  );
}
