/** Options of the commands that train: what this machine offers, and where its data and the store lie. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { wholeNumber } from './common-options.ts';

export interface SlotFlags {
  readonly slots?: number;
  readonly slotsPerGpu?: number;
  readonly threadsPerSlot?: number;
}

export interface WorkFlags extends SlotFlags {
  readonly data?: string;
  readonly store?: string;
  readonly anyCode?: boolean;
}

/** How a machine is divided. */
export function addSlotOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--slots <n>', 'trials at once (default: one for each GPU, else for each core)').argParser(
        wholeNumber(1, 1024),
      ),
    )
    .addOption(
      new Option('--slots-per-gpu <n>', 'trials at once on each GPU (default: 1)').argParser(wholeNumber(1, 64)),
    )
    .addOption(
      new Option('--threads-per-slot <n>', 'threads of each trial on the processors (default: 1)').argParser(
        wholeNumber(1, 1024),
      ),
    );
}

export function addWorkOptions(command: Command): Command {
  return addSlotOptions(command)
    .addOption(new Option('--data <folder>', 'folder or zip to import recordings from; nothing is written there'))
    .addOption(
      new Option(
        '--any-code',
        'on a shared database: train also studies whose trials ran on another version of the code',
      ),
    )
    .addOption(
      new Option(
        '--store <folder>',
        'folder of windows, checkpoints and logs that all machines share (default: KINETUNE_STORE, else the home)',
      ).argParser(folder),
    );
}

function folder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a folder, got an empty word.');
  return text;
}
