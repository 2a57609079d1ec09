/** The space of a study file: names checked against the catalogue, kinds, roles and unstated values filled in. */
import {
  findFamily,
  trainingHyperparameters,
  valueProblems,
  type HyperparameterDefinition,
} from '@kinetune/models/catalogue';
import { defaultRole, roleCheck } from '@kinetune/search';
import {
  didYouMean,
  parseConstraint,
  parseName,
  type Domain,
  type FixedHyperparameter,
  type Hyperparameter,
  type Space,
  type StudyFile,
} from '@kinetune/study';
import { DERIVED_NAMES } from './acceptance.ts';
import type { Refuse } from './refusal.ts';

/** The reason of a value that the study file does not state. */
export const CATALOGUE_DEFAULT = 'catalogue default';

type Definitions = ReadonlyMap<string, HyperparameterDefinition>;

/** @throws by `refuse` for names, kinds, domains, values, roles and constraints that cannot be. */
export function resolveSpace(studyFile: StudyFile & { readonly model: string }, refuse: Refuse): Space {
  const definitions: Definitions = new Map(
    [...findFamily(studyFile.model).hyperparameters, ...trainingHyperparameters].map((one) => [one.name, one]),
  );
  const definitionOf = (name: string, section: 'space' | 'fixed'): HyperparameterDefinition => {
    const { leaf } = parseName(name);
    const known = definitions.get(leaf);
    if (known !== undefined) return known;
    const message = `${section}.${name}: ${studyFile.model} has no hyperparameter ${leaf}.`;
    return refuse(
      'unknown-hyperparameter',
      message + (hintFor(leaf, definitions) || allOf(studyFile.model, definitions)),
      [section, name],
    );
  };
  const checkKind = (
    [section, name]: ['space' | 'fixed', string],
    stated: string | undefined,
    definition: HyperparameterDefinition,
  ): void => {
    if (stated !== undefined && stated !== definition.kind)
      refuse('wrong-kind', `${name}: expected kind ${definition.kind}, got ${stated}; leave it out`, [section, name]);
  };

  const hyperparameters = Object.entries(studyFile.space).map(([name, { kind, role, ...domain }]): Hyperparameter => {
    const definition = definitionOf(name, 'space');
    checkKind(['space', name], kind, definition);
    for (const problem of domainProblems(definition, domain as Domain))
      refuse('domain-not-legal', `space.${name}: ${problem}`, ['space', name]);
    const usual = defaultRole(definition.kind, { isChoice: definition.domain.type === 'categorical' });
    return {
      name,
      kind: definition.kind,
      // What is usually fixed comes here only with a role that is stated; the check of roles judges it.
      role: role ?? (usual === 'fixed' ? 'scientific' : usual),
      domain: withoutUndefined(domain) as unknown as Domain,
    };
  });
  const stated = Object.entries(studyFile.fixed).map(([name, { value, reason, kind }]): FixedHyperparameter => {
    const definition = definitionOf(name, 'fixed');
    checkKind(['fixed', name], kind, definition);
    for (const problem of valueProblems([{ ...definition, name: `fixed.${name}` }], { [`fixed.${name}`]: value }))
      refuse('value-not-legal', problem, ['fixed', name]);
    return { name, kind: definition.kind, value, reason };
  });
  const settled = new Set(
    [...Object.keys(studyFile.space), ...Object.keys(studyFile.fixed)].map((name) => parseName(name).leaf),
  );
  const unstated = [...definitions.values()]
    .filter(({ name }) => !settled.has(name))
    .map(({ name, kind, default: value }): FixedHyperparameter => ({ name, kind, value, reason: CATALOGUE_DEFAULT }));
  const { constraints } = studyFile;
  for (const constraint of constraints) checkConstraint(constraint, definitions, refuse);
  const space: Space = {
    version: 1,
    hyperparameters,
    fixed: [...stated, ...unstated],
    ...(constraints.length === 0 ? {} : { constraints }),
  };
  const refused = roleCheck(space).numbers.problems.find(({ severity }) => severity === 'refused');
  if (refused !== undefined)
    refuse('role-refused', `space.${refused.name}: ${refused.reason}`, ['space', refused.name]);
  return space;
}

function checkConstraint(text: string, definitions: Definitions, refuse: Refuse): void {
  const known = [...definitions.keys(), ...DERIVED_NAMES];
  const unknown = parseConstraint(text).names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint =
    hintFor(unknown, definitions) ||
    didYouMean(unknown, DERIVED_NAMES) ||
    ` Constraints name hyperparameters, and ${DERIVED_NAMES.join(', ')}.`;
  refuse('unknown-hyperparameter', `constraints: \`${text}\` names ${unknown}, which nothing is called.${hint}`, [
    'constraints',
  ]);
}

function hintFor(leaf: string, definitions: Definitions): string {
  const original = [...definitions.values()].find(({ originalName }) => originalName === leaf);
  return original === undefined ? didYouMean(leaf, definitions.keys()) : ` It is called ${original.name} here.`;
}

function allOf(model: string, definitions: Definitions): string {
  return ` ${model} knows ${[...definitions.keys()].join(', ')}.`;
}

/** Why a domain to search does not lie in the hyperparameter's legal one. */
export function domainProblems(definition: HyperparameterDefinition, domain: Domain): readonly string[] {
  const { domain: legal } = definition;
  const problems = (...values: readonly (string | number | boolean)[]): readonly string[] =>
    values.flatMap((value) => valueProblems([{ ...definition, name: 'it' }], { it: value }));
  if (domain.type === 'categorical') return problems(...domain.choices);
  if (legal.type === 'text') return [`expected a list of choices like "${legal.example}", got a range`];
  if (legal.type === 'categorical')
    return [`expected type categorical with choices among ${legal.choices.join(', ')}, got type ${domain.type}`];
  if (legal.type === 'int' && domain.type === 'float')
    return ['expected type int (whole numbers only), got type float'];
  return problems(domain.minimum, domain.maximum);
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
