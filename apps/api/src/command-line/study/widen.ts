/** `kinetune study widen`. */
import { findFamily, trainingHyperparameters } from '@kinetune/models/catalogue';
import { addSpaceVersion, nextConfigurationNumber, type Study } from '@kinetune/storage';
import { didYouMean, InputError, parseName, type Domain, type HyperparameterValue, type Space } from '@kinetune/study';
import { Option, type Command } from 'commander';
import { hasSecondPhaseBegun } from '../../agent/search-plan.ts';
import { domainProblems } from '../../studies/resolve-space.ts';
import { showDomain } from '../../studies/study-changes.ts';
import { widenedSpace } from '../../studies/widened-space.ts';
import { count } from '../../terminal/format.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand, type NamedStudy, type StudyOptions } from './study-options.ts';

interface WidenOptions extends StudyOptions {
  readonly hyperparameter: readonly string[];
}

export function widenCommand(): Command {
  return namedStudyCommand<WidenOptions>(
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

async function widen({ storage: { db }, study, options, output }: NamedStudy<WidenOptions>): Promise<number> {
  if (hasSecondPhaseBegun(study)) {
    throw new InputError(
      'second-phase-begun',
      `expected a study that still explores, and ${study.name} exploits a refined space already: explore the wider one in a study of its own`,
    );
  }
  const wanted = options.hyperparameter.reduce((space, text) => withDomain(space, text, study), study.space);
  const widened = widenedSpace(study.space, wanted);
  const narrower = wanted.hyperparameters.find(({ domain }, index) => {
    const kept = (widened?.space ?? study.space).hyperparameters[index];
    return JSON.stringify(kept?.domain) !== JSON.stringify(domain);
  });
  if (widened === undefined || narrower !== undefined) {
    const { name = '', domain } = narrower ?? {};
    const before = study.space.hyperparameters.find((one) => one.name === name)?.domain;
    throw new InputError(
      'not-wider',
      before === undefined || domain === undefined
        ? 'expected a range wider than that of the study, got the same'
        : `${name}: expected all of ${showDomain(before)} and more, on the same grid, got ${showDomain(domain)}: its trials would lie outside, so it would be another study`,
    );
  }
  const changed = await addSpaceVersion(db, study.id, widened.space);
  const first = await nextConfigurationNumber(db, study.id);
  const isSpent = first >= study.budget.trials;
  output.result([
    `${study.name} goes on with version ${changed.space.version} of its space and keeps its ${count(first, 'configuration')}:`,
    ...widened.changes.map((change) => `  ${change}`),
    isSpent
      ? `Its budget of ${count(study.budget.trials, 'trial')} is spent; run it with a larger one: kinetune train <its file> --trials <n>`
      : `Go on with: kinetune train <its file>`,
  ]);
  output.json({
    study: study.name,
    space: changed.space,
    changes: widened.changes,
    firstConfiguration: first,
    isBudgetSpent: isSpent,
  });
  return EXIT_CODES.ok;
}

/** The space with one domain in place of its own. */
function withDomain(space: Space, text: string, { model, trainer }: Study): Space {
  // A namespaced name has signs of equality of its own; the domain has none.
  const at = text.lastIndexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  const own = space.hyperparameters.find((one) => one.name === name);
  if (own === undefined) {
    const names = space.hyperparameters.map((one) => one.name);
    throw new InputError(
      'unknown-hyperparameter',
      `--hyperparameter: expected <name>=<domain> of a hyperparameter that is searched (${names.join(', ')}), got "${text}".${didYouMean(name, names)}`,
    );
  }
  const domain = parseDomain(own.domain, text.slice(at + 1), name);
  const { leaf } = parseName(name);
  // What a trainer of one's own accepts is known to it alone.
  const definition =
    trainer.kind === 'command'
      ? undefined
      : [...findFamily(model).hyperparameters, ...trainingHyperparameters].find((one) => one.name === leaf);
  const problem = definition === undefined ? undefined : domainProblems(definition, domain)[0];
  if (problem !== undefined) throw new InputError('domain-not-legal', `--hyperparameter ${name}: ${problem}`);
  return {
    ...space,
    hyperparameters: space.hyperparameters.map((one) => (one.name === name ? { ...one, domain } : one)),
  };
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
