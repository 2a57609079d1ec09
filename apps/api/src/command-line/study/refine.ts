/** `kinetune study refine`. */
import { existsSync, writeFileSync } from 'node:fs';
import { InputError } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../common-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { resolveInputPath } from '../paths.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface RefineOptions extends StudyOptions {
  readonly output?: string;
  readonly override?: string;
  readonly trials?: number;
}

export function refineCommand(): Command {
  return deskCommand<RefineOptions>(
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

async function refine({ desk, name, options, output }: AskedStudy<RefineOptions>): Promise<number> {
  const { check, override, yaml } = await desk.refine(name, { override: options.override, trials: options.trials });
  if (options.output === undefined) {
    output.result(yaml.trimEnd().split('\n'));
  } else {
    const file = resolveInputPath(options.output);
    if (existsSync(file))
      throw new InputError('file-exists', `expected a new file, and ${file} exists: choose another name`);
    writeFileSync(file, yaml);
    output.result([`The study that exploits ${name} is in ${file}: kinetune train ${options.output}`]);
  }
  output.json({ study: name, check, override, yaml });
  return EXIT_CODES.ok;
}
