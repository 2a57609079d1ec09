/** Makes ranges of a study's space wider; it keeps its trials and draws the next ones from the wider space. */
import { findFamily, trainingHyperparameters } from '@kinetune/models/catalogue';
import { addSpaceVersion, lockStudy, nextConfigurationNumber, type Database, type Study } from '@kinetune/storage';
import { didYouMean, InputError, parseName, type Domain, type FieldProblem, type Space } from '@kinetune/study';
import { hasSecondPhaseBegun } from '../agent/search-plan.ts';
import { domainProblems } from './resolve-space.ts';
import { showDomain } from './study-changes.ts';
import { widenedSpace } from './widened-space.ts';

export interface WiderDomain {
  readonly name: string;
  /** From the hyperparameter's domain in the study to the one that is wanted. */
  readonly domain: (before: Domain) => Domain;
}

export interface WidenedStudy {
  readonly study: Study;
  /** Each as `learningRate: 0.001 to 0.01, log -> 0.0001 to 0.1, log`. */
  readonly changes: readonly string[];
  /** Number of the first configuration that is drawn from the wider space. */
  readonly firstConfiguration: number;
}

/** @throws InputError for what is unknown, not legal or not wider, by its place in `wider`; nothing is changed then. */
export function widenStudy(db: Database, studyId: string, wider: readonly WiderDomain[]): Promise<WidenedStudy> {
  // Locked: of two that widen at once, the second starts from what the first made of it.
  return lockStudy(db, studyId, (tx, study) => widenLocked(tx, study, wider));
}

async function widenLocked(db: Database, study: Study, wider: readonly WiderDomain[]): Promise<WidenedStudy> {
  if (study.state === 'CANCELLED')
    throw new InputError('study-cancelled', `expected a study that can go on, and ${study.name} was cancelled`);
  if (hasSecondPhaseBegun(study)) {
    throw new InputError(
      'second-phase-begun',
      `expected a study that still explores, and ${study.name} exploits a refined space already: explore the wider one in a study of its own`,
    );
  }
  const names = wider.map(({ name }) => name);
  const second = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (second >= 0)
    throw refusal(
      'widened-twice',
      second,
      `expected each hyperparameter once, got ${names[second]} twice: leave one out`,
    );
  const wanted = wider.reduce((space, one, index) => withDomain(space, study, { ...one, index }), study.space);
  const widened = widenedSpace(study.space, wanted);
  const narrower = wanted.hyperparameters.find(({ domain }, index) => {
    const kept = (widened?.space ?? study.space).hyperparameters[index];
    return JSON.stringify(kept?.domain) !== JSON.stringify(domain);
  });
  if (widened === undefined || narrower !== undefined) {
    const { name = '', domain } = narrower ?? {};
    const before = study.space.hyperparameters.find((one) => one.name === name)?.domain;
    if (before === undefined || domain === undefined)
      throw new InputError('not-wider', 'expected a range wider than that of the study, got the same');
    throw refusal(
      'not-wider',
      wider.findIndex((one) => one.name === name),
      `${name}: expected all of ${showDomain(before)} and more, on the same grid, got ${showDomain(domain)}: its trials would lie outside, so it would be another study`,
    );
  }
  const changed = await addSpaceVersion(db, study.id, widened.space);
  const firstConfiguration = await nextConfigurationNumber(db, study.id);
  return { study: changed, changes: widened.changes, firstConfiguration };
}

/** The space with one domain in place of its own. */
function withDomain(
  space: Space,
  { model, trainer }: Study,
  { name, domain: domainFrom, index }: WiderDomain & { readonly index: number },
): Space {
  const own = space.hyperparameters.find((one) => one.name === name);
  if (own === undefined) {
    const names = space.hyperparameters.map((one) => one.name);
    throw refusal(
      'unknown-hyperparameter',
      index,
      `expected a hyperparameter that is searched (${names.join(', ')}), got ${name}.${didYouMean(name, names)}`,
    );
  }
  const domain = domainFrom(own.domain);
  const broken = brokenPart(domain);
  if (broken !== undefined) throw refusal('domain-not-legal', index, `${name}: ${broken}`);
  const { leaf } = parseName(name);
  // What a trainer of one's own accepts is known to it alone.
  const definition =
    trainer.kind === 'built-in'
      ? [...findFamily(model).hyperparameters, ...trainingHyperparameters].find((one) => one.name === leaf)
      : undefined;
  const problem = definition === undefined ? undefined : domainProblems(definition, domain)[0];
  if (problem !== undefined) throw refusal('domain-not-legal', index, `${name}: ${problem}`);
  return {
    ...space,
    hyperparameters: space.hyperparameters.map((one) => (one.name === name ? { ...one, domain } : one)),
  };
}

/** What a study file's own types would refuse. */
function brokenPart(domain: Domain): string | undefined {
  if (domain.type === 'categorical') {
    const other = domain.choices.find((choice) => !['string', 'number', 'boolean'].includes(typeof choice));
    return other === undefined ? undefined : `expected texts, numbers or truth values, got ${JSON.stringify(other)}`;
  }
  const { minimum, maximum } = domain;
  if (domain.type === 'int' && !(Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum)))
    return `expected whole numbers, got ${minimum} to ${maximum}`;
  return domain.scale === 'log' && minimum <= 0 ? `a log scale needs a minimum above 0, got ${minimum}` : undefined;
}

function refusal(code: string, index: number, message: string): InputError {
  const problems: FieldProblem[] = [{ field: [String(index)], message }];
  return new InputError(code, message, { problems });
}
