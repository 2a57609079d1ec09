/** `--csv name=value`, given as often as needed: how to read a CSV of one's own. */
import { csvSpec, didYouMean, type CsvSpec } from '@kinetune/study';
import { InvalidArgumentError } from 'commander';

const NAMES = Object.keys(csvSpec.shape) as readonly (keyof CsvSpec)[];
const LISTS: readonly string[] = ['channels', 'labels', 'flip'];
const NUMBERS: readonly string[] = ['sampleRateHz', 'maxGapSamples'];

export const CSV_OPTION_HELP = `how to read a CSV, e.g. label=activity, timeUnit=ms or channels=ax,ay,az; repeat it for each of ${NAMES.join(', ')}`;

/** Adds one `name=value` to those before it. */
export function collectCsvOption(text: string, previous: CsvSpec = {}): CsvSpec {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  if (!(NAMES as readonly string[]).includes(name)) {
    throw new InvalidArgumentError(
      `Expected <name>=<value> with one of the names ${NAMES.join(', ')}, got "${text}".${didYouMean(name, NAMES)}`,
    );
  }
  const value = text.slice(at + 1);
  const list = (): string[] => value.split(',').map((item) => item.trim());
  const typed = LISTS.includes(name) ? list() : NUMBERS.includes(name) ? Number(value) : value;
  const result = csvSpec.safeParse({ ...previous, [name]: typed });
  if (!result.success) throw new InvalidArgumentError(`${name}: ${result.error.issues[0]?.message ?? 'not accepted'}.`);
  return result.data;
}
