/** `kinetune study widen`. */
import { InputError, type Domain, type HyperparameterValue } from '@kinetune/study';
import { Option, type Command } from 'commander';
import type { WiderDomain } from '../../studies/widen-study.ts';
import { count } from '../../terminal/format.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand, type AskedStudy, type StudyOptions } from './study-options.ts';

interface WidenOptions extends StudyOptions {
  readonly hyperparameter: readonly string[];
}

export function widenCommand(): Command {
  return deskCommand<WidenOptions>(
    'widen',
    'make ranges of the space wider; the study keeps its trials and draws the next ones from the wider space',
    widen,
  ).addOption(
    new Option(
      '--hyperparameter <name=domain>',
      'e.g. learningRate=1e-5..1e-1 or optimizer=adamw,sgd; repeat it for several',
    )
      .argParser((text: string, previous: readonly string[] | undefined) => [...(previous ?? []), text])
      .makeOptionMandatory(),
  );
}

async function widen({ desk, name, options, output }: AskedStudy<WidenOptions>): Promise<number> {
  const widened = await desk.widen(name, options.hyperparameter.map(readOption));
  const { space, changes, firstConfiguration: first, budgetTrials } = widened;
  const isSpent = first >= budgetTrials;
  output.result([
    `${name} goes on with version ${space.version} of its space and keeps its ${count(first, 'configuration')}:`,
    ...changes.map((change) => `  ${change}`),
    isSpent
      ? `Its budget of ${count(budgetTrials, 'trial')} is spent; run it with a larger one: kinetune train <its file> --trials <n>`
      : `Go on with: kinetune train <its file>`,
  ]);
  output.json({ study: name, space, changes, firstConfiguration: first, isBudgetSpent: isSpent });
  return EXIT_CODES.ok;
}

function readOption(text: string): WiderDomain {
  // A namespaced name has signs of equality of its own; the domain has none.
  const at = text.lastIndexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  return { name, domain: (before) => parseDomain(before, text.slice(at + 1), name) };
}

/** `1e-5..1e-1` for a range, `adamw,sgd` for choices, which may leave out those that there are. */
function parseDomain(before: Domain, text: string, name: string): Domain {
  if (before.type === 'categorical') {
    const known = new Map(before.choices.map((choice) => [String(choice), choice]));
    const isNumeric = before.choices.every((choice) => typeof choice === 'number');
    const typed = (word: string): HyperparameterValue => known.get(word) ?? (isNumeric ? Number(word) : word);
    const added = text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '' && !known.has(word));
    return { ...before, choices: [...before.choices, ...new Set(added.map(typed))] };
  }
  const [minimum, maximum, ...more] = text.split('..').map((end) => (end.trim() === '' ? NaN : Number(end)));
  const isRange = minimum !== undefined && maximum !== undefined && more.length === 0 && minimum <= maximum;
  if (!isRange || (before.scale === 'log' && minimum <= 0)) {
    throw new InputError(
      'domain-not-read',
      `--hyperparameter ${name}: expected a range like ${before.minimum}..${before.maximum}${before.scale === 'log' ? ' above 0' : ''}, got "${text}"`,
    );
  }
  return { ...before, minimum, maximum };
}
