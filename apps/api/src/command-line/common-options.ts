/** Options that commands share. */
import { InvalidArgumentError, Option, type Command } from 'commander';

/** Options that every command has. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--home <folder>', 'folder of all state (default: KINETUNE_HOME, else .kinetune)'))
    .addOption(new Option('--json', 'print one JSON object on stdout and nothing else there'))
    .addOption(new Option('--no-color', 'no colour (NO_COLOR does the same)'));
}

/** Of commands that need what was trained, and train nothing. */
export function checkpointStoreOption(): Option {
  return new Option('--store <folder>', 'where the checkpoints lie (default: KINETUNE_STORE, else the home)');
}

/** Parses a whole number of at least `minimum`. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isInteger(number) || number < minimum || number > maximum) {
      const range = maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum} on` : `from ${minimum} to ${maximum}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}, got "${text}".`);
    }
    return number;
  };
}
