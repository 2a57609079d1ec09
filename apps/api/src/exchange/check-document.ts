/** What the types of a study's document do not say: that its parts are about each other. */
import { isDeepStrictEqual } from 'node:util';
import { modelFamilies } from '@kinetune/models/catalogue';
import { InputError, type Domain, type HyperparameterValue, type Space } from '@kinetune/study';
import { checkSpace } from './check-space.ts';
import type { DocumentConfiguration, DocumentStudy, DocumentTrial } from './study-document.ts';

type Refuse = (what: string) => never;

/** @throws InputError naming the file. */
export function checkDocumentStudy(study: DocumentStudy, path: string): void {
  const refuse = refuseIn(path, 'study');
  const { space, spaceVersions, metrics, objective, trainer, model, data } = study;
  if (trainer.kind === 'built-in') {
    if (!modelFamilies.some(({ name }) => name === model))
      refuse(
        `model: expected one of ${modelFamilies.map(({ name }) => name).join(', ')} for the built-in trainer, got ${model}`,
      );
    if (data === null) refuse('data: expected the data set of the built-in trainer, got null');
  }
  for (const [index, one] of spaceVersions.entries()) {
    const before = spaceVersions[index - 1];
    if (before !== undefined && before.space.version >= one.space.version)
      refuse(`spaceVersions: expected versions that count up, got ${one.space.version} after ${before.space.version}`);
    if (one.firstConfiguration < (before?.firstConfiguration ?? 0))
      refuse(`spaceVersions: expected first configurations that count up, got ${one.firstConfiguration}`);
    checkSpace(one.space as Space, (what) => refuse(`spaceVersions.${index}: ${what}`));
  }
  if (!isDeepStrictEqual(spaceVersions.at(-1)?.space, space))
    refuse('space: expected the last one of spaceVersions, got another');
  const names = metrics.map(({ name }) => name);
  if (new Set(names).size !== names.length) refuse('metrics: expected each name once, got one twice');
  const measured = metrics.filter(({ split }) => split === 'validation').map(({ name }) => name);
  if (!measured.includes(objective.metric))
    refuse(`objective: expected one of the validation metrics (${measured.join(', ')}), got ${objective.metric}`);
}

/**
 * @param numbers of the configurations before it, to which its own is added.
 * @throws InputError naming the file and the configuration.
 */
export function checkDocumentConfiguration(
  { number, values, spaceVersion, trials }: DocumentConfiguration,
  { spaceVersions, metrics }: DocumentStudy,
  { path, numbers }: { readonly path: string; readonly numbers: Set<number> },
): void {
  const refuse = refuseIn(path, `configuration ${number}`);
  if (numbers.has(number)) refuse('expected numbers that come once, got it twice');
  numbers.add(number);
  const space = spaceVersions.find((one) => one.space.version === spaceVersion)?.space;
  if (space === undefined) return refuse(`expected a version of the space, got ${spaceVersion}`);
  checkValues(values, space as Space, refuse);
  if (new Set(trials.map(({ replicate }) => replicate)).size !== trials.length)
    refuse('expected trials with a replicate of their own, got one twice');
  for (const trial of trials) checkTrial(trial, metrics.length, refuse);
}

/** Values may lie outside of their ranges, since people may give them, but are of their kind. */
function checkValues(
  values: Readonly<Record<string, HyperparameterValue>>,
  { hyperparameters, fixed }: Space,
  refuse: Refuse,
): void {
  const domains = new Map(hyperparameters.map(({ name, domain }) => [name, domain]));
  for (const [name, value] of Object.entries(values)) {
    const domain = domains.get(name);
    if (domain === undefined && !fixed.some((one) => one.name === name))
      refuse(`expected values of its space, got ${name}, which is not in it`);
    if (domain !== undefined && !isOfKind(domain, value))
      refuse(`${name}: expected a value of its ${domain.type} domain, got ${JSON.stringify(value)}`);
  }
}

function isOfKind(domain: Domain, value: HyperparameterValue): boolean {
  if (domain.type === 'categorical') return domain.choices.includes(value);
  return typeof value === 'number' && (domain.type === 'float' || Number.isInteger(value));
}

function checkTrial(trial: DocumentTrial, metricCount: number, refuse: Refuse): void {
  const isOver = trial.state !== 'QUEUED' && trial.state !== 'RUNNING';
  if (isOver !== (trial.finishedAt !== null))
    refuse(
      `expected a finishedAt for an ended trial and null for another, got ${trial.state} with ${String(trial.finishedAt)}`,
    );
  if (trial.evaluations.filter(({ split }) => split === 'validation').length > 1)
    refuse('expected one validation evaluation of a trial, got several');
  if (trial.evaluations.some(({ split, reason }) => split === 'test' && reason === null))
    refuse('expected a reason for each test evaluation, got null');
  let last = -1;
  for (const { step, values } of trial.measurements) {
    if (step <= last) refuse(`expected measurements by step, got ${step} after ${last}`);
    last = step;
    if (values.length !== metricCount) refuse(`expected ${metricCount} values in a measurement, got ${values.length}`);
  }
}

function refuseIn(path: string, where: string): Refuse {
  return (what) => {
    throw new InputError('document-invalid', `${where}: ${what}. Nothing was imported`, { file: path });
  };
}
