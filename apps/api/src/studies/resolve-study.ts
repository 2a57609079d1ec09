/** From a study file to a study: names checked against the catalogue, kinds, roles and unstated values filled in. */
import {
  BUILT_IN_METRICS,
  didYouMean,
  InputError,
  invariant,
  parseName,
  type Domain,
  type FixedHyperparameter,
  type Hyperparameter,
  type StudyFile,
} from '@kinetune/study';
import {
  findFamily,
  modelFamilies,
  trainingHyperparameters,
  valueProblems,
  type HyperparameterDefinition,
} from '@kinetune/models/catalogue';
import { defaultRole } from '@kinetune/search';
import type { NewStudy } from '@kinetune/storage';

/** The reason of a value that the study file does not state. */
export const CATALOGUE_DEFAULT = 'catalogue default';

/** A study but for what only its data can say. */
export type ResolvedStudy = Omit<NewStudy, 'splitHash'>;

export interface StudySource {
  /** The file's path, for messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * @throws InputError naming the file, and the line where the name stands: unknown names (with the nearest known one),
 *   domains and values that cannot be, an objective that is not measured.
 */
export function resolveStudy(studyFile: StudyFile, source: StudySource): ResolvedStudy {
  const refuse = (code: string, message: string, key: string): never => {
    const line = lineOfKey(source.text, key);
    throw new InputError(code, message, { file: source.file, ...(line === undefined ? {} : { line }) });
  };
  if (!modelFamilies.some(({ name }) => name === studyFile.model)) {
    const names = modelFamilies.map(({ name }) => name);
    refuse(
      'unknown-model',
      `model: expected one of ${names.join(', ')}, got ${studyFile.model}.${didYouMean(studyFile.model, names)}`,
      'model',
    );
  }
  const definitions = new Map(
    [...findFamily(studyFile.model).hyperparameters, ...trainingHyperparameters].map((one) => [one.name, one]),
  );
  const definitionOf = (name: string, section: 'space' | 'fixed'): HyperparameterDefinition => {
    const { leaf } = parseName(name);
    const known = definitions.get(leaf);
    if (known !== undefined) return known;
    const original = [...definitions.values()].find(({ originalName }) => originalName === leaf);
    const hint =
      original !== undefined
        ? ` It is called ${original.name} here.`
        : didYouMean(leaf, definitions.keys()) || ` ${studyFile.model} knows ${[...definitions.keys()].join(', ')}.`;
    return refuse(
      'unknown-hyperparameter',
      `${section}.${name}: ${studyFile.model} has no hyperparameter ${leaf}.${hint}`,
      name,
    );
  };
  const checkKind = (name: string, stated: string | undefined, definition: HyperparameterDefinition): void => {
    if (stated !== undefined && stated !== definition.kind)
      refuse('wrong-kind', `${name}: expected kind ${definition.kind}, got ${stated}; leave it out`, name);
  };

  const hyperparameters = Object.entries(studyFile.space).map(([name, { kind, role, ...domain }]): Hyperparameter => {
    const definition = definitionOf(name, 'space');
    checkKind(name, kind, definition);
    for (const problem of domainProblems(definition, domain as Domain))
      refuse('domain-not-legal', `space.${name}: ${problem}`, name);
    const usualRole = defaultRole(definition.kind, { isChoice: definition.domain.type === 'categorical' });
    invariant(usualRole !== 'fixed', 'the study file refuses to search what is always held');
    return {
      name,
      kind: definition.kind,
      role: role ?? usualRole,
      domain: withoutUndefined(domain) as unknown as Domain,
    };
  });
  const stated = Object.entries(studyFile.fixed).map(([name, { value, reason, kind }]): FixedHyperparameter => {
    const definition = definitionOf(name, 'fixed');
    checkKind(name, kind, definition);
    for (const problem of valueProblems([{ ...definition, name: `fixed.${name}` }], { [`fixed.${name}`]: value }))
      refuse('value-not-legal', problem, name);
    return { name, kind: definition.kind, value, reason };
  });
  const settled = new Set(
    [...Object.keys(studyFile.space), ...Object.keys(studyFile.fixed)].map((name) => parseName(name).leaf),
  );
  const unstated = [...definitions.values()]
    .filter(({ name }) => !settled.has(name))
    .map(({ name, kind, default: value }): FixedHyperparameter => ({ name, kind, value, reason: CATALOGUE_DEFAULT }));

  const { metric, direction } = studyFile.objective;
  const measured = BUILT_IN_METRICS.filter(({ split }) => split === 'validation');
  const found = measured.find(({ name }) => name === metric);
  if (found === undefined) {
    const names = measured.map(({ name }) => name);
    refuse(
      'unknown-metric',
      `objective.metric: expected one of ${names.join(', ')}, got ${metric}.${didYouMean(metric, names)}`,
      'metric',
    );
  } else if (found.direction !== direction) {
    refuse(
      'wrong-direction',
      `objective.direction: ${metric} is to be ${found.direction}d, got ${direction}`,
      'direction',
    );
  }
  const watched = studyFile.earlyStopping?.metric;
  if (watched !== undefined && !BUILT_IN_METRICS.some(({ name }) => name === watched)) {
    const names = BUILT_IN_METRICS.map(({ name }) => name);
    refuse(
      'unknown-metric',
      `earlyStopping.metric: expected one of ${names.join(', ')}, got ${watched}.${didYouMean(watched, names)}`,
      'earlyStopping',
    );
  }
  return {
    name: studyFile.name,
    goal: studyFile.goal,
    phase: studyFile.phase,
    data: studyFile.data,
    model: studyFile.model,
    trainer: { kind: 'built-in' },
    space: {
      version: 1,
      hyperparameters,
      fixed: [...stated, ...unstated],
      ...(studyFile.constraints.length === 0 ? {} : { constraints: studyFile.constraints }),
    },
    metrics: BUILT_IN_METRICS,
    objective: studyFile.objective,
    sampler: studyFile.sampler,
    pruner: studyFile.pruner,
    budget: studyFile.budget,
    replicates: studyFile.replicates,
    folds: foldsOf(studyFile),
    exploit:
      studyFile.exploit === undefined ? null : { ...studyFile.exploit, override: studyFile.exploit.override ?? null },
    from: studyFile.from ?? null,
    studyGroup: null,
    thresholds: studyFile.thresholds,
    parallelism: studyFile.parallelism ?? null,
    keepBest: studyFile.keepBest,
    earlyStopping: studyFile.earlyStopping ?? null,
    seed: studyFile.seed,
    shuffleLabelsSeed: null,
  };
}

/** `all` is every fold that the split has; with one person out that is known only from the data. */
function foldsOf({ folds, data: { split } }: StudyFile): readonly number[] | null {
  if (folds === undefined) return null;
  if (folds !== 'all') return folds;
  invariant(split.kind === 'group-k-fold', 'the study file refuses `all` where the number of folds is not stated');
  return Array.from({ length: split.folds }, (_, fold) => fold);
}

/** Why a domain to search does not lie in the hyperparameter's legal one. */
function domainProblems(definition: HyperparameterDefinition, domain: Domain): readonly string[] {
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

/** The first line that has the key, 1-based. */
function lineOfKey(text: string, key: string): number | undefined {
  const index = text.split('\n').findIndex((line) => {
    const start = line.trim().replace(/^["']/, '');
    return start.startsWith(`${key}:`) || start.startsWith(`${key}":`) || start.startsWith(`${key}':`);
  });
  return index < 0 ? undefined : index + 1;
}
