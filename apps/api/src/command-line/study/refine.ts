/** `kinetune study refine`. */
import { existsSync, writeFileSync } from 'node:fs';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { gatherReport } from '../../report/gather-report.ts';
import { exploitationFile } from '../../studies/exploitation-file.ts';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { resolveInputPath } from '../paths.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface RefineOptions extends StudyOptions {
  readonly output?: string;
  readonly override?: string;
  readonly trials?: number;
}

export function refineCommand(): Command {
  return namedStudyCommand<RefineOptions>(
    'refine',
    'write the study file that exploits what this one explored; refused while its boundaries or its best region are in doubt',
    refine,
  )
    .addOption(new Option('-o, --output <file>', 'write it there instead of printing it; a file that exists is kept'))
    .addOption(
      new Option('--trials <n>', 'its budget (default: that of this study)').argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(new Option('--override <reason>', 'exploit the space as it was explored although the checks fail'));
}

async function refine({ storage: { db }, study, options, output }: NamedStudy<RefineOptions>): Promise<number> {
  const { refinedSpace: check } = await gatherReport(db, study);
  const override = options.override?.trim();
  if (override === '') throw new InputError('override-without-reason', '--override: expected a reason, got none');
  if (check.numbers.space === null && override === undefined) {
    const advice = check.next === null ? '' : ` Next: ${check.next.text}.`;
    throw new InputError(
      'refine-refused',
      `${study.name} is not ready to be exploited (${check.verdict}): ${check.reason}.${advice} Or go on all the same in the space as it was explored: --override "<reason>"`,
    );
  }
  const yaml = exploitationFile(study, { check, override, trials: options.trials });
  if (options.output === undefined) {
    output.result(yaml.trimEnd().split('\n'));
  } else {
    const file = resolveInputPath(options.output);
    if (existsSync(file))
      throw new InputError('file-exists', `expected a new file, and ${file} exists: choose another name`);
    writeFileSync(file, yaml);
    output.result([`The study that exploits ${study.name} is in ${file}: kinetune train ${options.output}`]);
  }
  output.json({ study: study.name, check, override: override ?? null, yaml });
  return EXIT_CODES.ok;
}
