/** The space that an Optuna study searched, told from its trials: Optuna keeps each trial's distributions and no space. */
import { modelFamilies, trainingHyperparameters } from '@kinetune/models/catalogue';
import {
  InputError,
  type Domain,
  type Hyperparameter,
  type HyperparameterValue,
  type Kind,
  type Space,
  type Values,
} from '@kinetune/study';
import { findBranches, type SeenTrial } from './branches.ts';
import type { OptunaDistribution } from './optuna-distribution.ts';
import type { OptunaTrial } from './optuna-source.ts';
import { storable } from './storable.ts';

export interface OptunaSpace {
  readonly space: Space;
  /** Each trial's values by full name, in the order of the trials. */
  readonly values: readonly Values[];
  /** What had to be decided, for people. */
  readonly notes: readonly string[];
}

/** A bound on what the search for branches compares; searches have tens of parameters. */
const MOST_PARAMETERS = 500;

/** @throws InputError for parameters that no space of ours can have. */
export function optunaSpace(trials: readonly OptunaTrial[]): OptunaSpace {
  const distributions = new Map<string, OptunaDistribution[]>();
  for (const { parameters } of trials)
    for (const [name, { distribution }] of parameters) {
      const known = distributions.get(name);
      if (known === undefined) distributions.set(name, [distribution]);
      else if (known.at(-1) !== distribution) known.push(distribution);
    }
  const names = [...distributions.keys()];
  if (names.length > MOST_PARAMETERS)
    throw new InputError(
      'too-many-parameters',
      `expected at most ${MOST_PARAMETERS} parameters in a study, got ${names.length}: are their names made of values? Nothing was imported`,
    );
  const notes: string[] = [];
  const leaves = leafNames(names, notes);
  const found = new Map(names.map((name) => [name, parameterOf(name, distributions.get(name) ?? [], notes)]));
  const seen = trials.map(({ parameters, state }): SeenTrial => ({
    values: new Map([...parameters].map(([name, { value }]) => [name, found.get(name)?.valueOf(value) ?? ''])),
    isWhole: state === 'COMPLETE',
  }));
  const choices = names.filter((name) => found.get(name)?.domain.type === 'categorical');
  const { parents, unexplained } = findBranches(seen, { names, choices });
  for (const name of unexplained)
    notes.push(`${leaves.get(name)} is set in some trials only, and no choice tells in which: the others lack it`);

  const hyperparameters = new Map<string, Hyperparameter>();
  const fullNames = seen.map((trial) => {
    const ofTrial = new Map<string, string>();
    for (const name of trial.values.keys()) {
      const fullName = fullNameIn(trial, name, { leaves, parents });
      if (fullName === undefined) continue;
      ofTrial.set(name, fullName);
    }
    return ofTrial;
  });
  // By parameter, so that the order is that of the study and not of the branch that came first.
  for (const name of names) {
    for (const fullName of new Set(fullNames.flatMap((ofTrial) => ofTrial.get(name) ?? [])))
      hyperparameters.set(fullName, {
        name: fullName,
        kind: kindOf(name),
        role: 'nuisance',
        domain: found.get(name)?.domain as Domain,
      });
    const parent = parents.get(name);
    if (parent !== undefined)
      notes.push(
        `${leaves.get(name)} is taken to depend on ${leaves.get(parent)}: it is set with some of its values only`,
      );
  }
  return {
    space: { version: 1, hyperparameters: [...hyperparameters.values()], fixed: [] },
    values: seen.map(({ values }, index) =>
      Object.fromEntries(
        [...values].flatMap(([name, value]) => {
          const fullName = fullNames[index]?.get(name);
          return fullName === undefined ? [] : [[fullName, value]];
        }),
      ),
    ),
    notes,
  };
}

/** `optimizer=adam/adam_lr`; undefined in a trial that ended before its parent was set. */
function fullNameIn(
  trial: SeenTrial,
  name: string,
  tree: { readonly leaves: ReadonlyMap<string, string>; readonly parents: ReadonlyMap<string, string> },
): string | undefined {
  const leaf = tree.leaves.get(name) as string;
  const parent = tree.parents.get(name);
  if (parent === undefined) return leaf;
  const value = trial.values.get(parent);
  const parentName = value === undefined ? undefined : fullNameIn(trial, parent, tree);
  return parentName === undefined ? undefined : `${parentName}=${String(value)}/${leaf}`;
}

/** Names as a study file may have them, so that one can go on from the study. */
function leafNames(names: readonly string[], notes: string[]): ReadonlyMap<string, string> {
  // Names that every object has (`constructor`) would be found in configurations that lack them.
  const taken = new Set(names.filter((name) => /^[A-Za-z]\w*$/.test(name) && !(name in {})));
  return new Map(
    names.map((name) => {
      if (taken.has(name)) return [name, name];
      const plain = name.replace(/\W/g, '_').replace(/^(?![A-Za-z])/, 'p');
      let unique = plain;
      for (let count = 2; taken.has(unique) || unique in {}; count++) unique = `${plain}_${count}`;
      taken.add(unique);
      notes.push(`${JSON.stringify(name)} is called ${unique} here: names are letters, digits and _`);
      return [name, unique];
    }),
  );
}

interface Parameter {
  readonly domain: Domain;
  /** Optuna's value as one of the domain. */
  valueOf(value: unknown): HyperparameterValue;
}

function parameterOf(name: string, distributions: readonly OptunaDistribution[], notes: string[]): Parameter {
  const lists = distributions.flatMap((one) => (one.type === 'categorical' ? [one.choices] : []));
  if (lists.length === distributions.length) return choiceParameter(name, lists, notes);
  if (lists.length > 0)
    throw new InputError(
      'optuna-damaged',
      `expected ${JSON.stringify(name)} to be a choice or a number in all trials of the study, as Optuna keeps it, got both. Nothing was imported`,
    );
  const ranges = distributions.flatMap((one) => (one.type === 'categorical' ? [] : [one]));
  // A reduction: there may be one for each trial, more than a call has room for.
  const minimum = ranges.reduce((lowest, { low }) => Math.min(lowest, low), Infinity);
  const maximum = ranges.reduce((highest, { high }) => Math.max(highest, high), -Infinity);
  if (ranges.some(({ low, high }) => low !== minimum || high !== maximum))
    notes.push(
      `the range of ${JSON.stringify(name)} changed between trials: it is ${minimum} to ${maximum}, all of them together`,
    );
  // Optuna itself keeps classes and scales apart; where another program did not, the wider one holds all values.
  const type = ranges.every((range) => range.type === 'int') ? 'int' : 'float';
  const step = commonStep(ranges, minimum);
  const domain: Domain = {
    type,
    minimum,
    maximum,
    scale: ranges.every(({ log }) => log) ? 'log' : 'linear',
    ...(step === null || (type === 'int' && step === 1) ? {} : { step }),
  };
  return { domain, valueOf: (value) => value as number };
}

/** The step that all ranges have, if they lie on one grid. */
function commonStep(
  ranges: readonly { readonly low: number; readonly step: number | null }[],
  minimum: number,
): number | null {
  const step = ranges[0]?.step ?? null;
  if (step === null || ranges.some((range) => range.step !== step)) return null;
  const isOnGrid = ({ low }: { readonly low: number }): boolean => {
    const position = (low - minimum) / step;
    return Math.abs(position - Math.round(position)) < 1e-9 * Math.max(1, Math.abs(position));
  };
  return ranges.every(isOnGrid) ? step : null;
}

/** None and lists are no values of ours: they become words, each different from all others as a branch's name tells them apart. */
function choiceParameter(name: string, lists: readonly (readonly unknown[])[], notes: string[]): Parameter {
  const byJson = new Map<string, HyperparameterValue>();
  const taken = new Set<string>();
  for (const choice of lists.flat()) {
    const json = JSON.stringify(choice);
    if (byJson.has(json)) continue;
    const plain = choiceValue(choice);
    let value = plain;
    for (let count = 2; taken.has(String(value)); count++) value = `${String(plain)} (${count})`;
    taken.add(String(value));
    byJson.set(json, value);
    if (value !== choice) notes.push(`the choice ${json} of ${JSON.stringify(name)} is ${JSON.stringify(value)} here`);
  }
  return {
    domain: { type: 'categorical', choices: [...byJson.values()] },
    valueOf: (value) => byJson.get(JSON.stringify(value)) ?? String(value),
  };
}

function choiceValue(choice: unknown): HyperparameterValue {
  if (choice === null || choice === undefined) return 'None';
  if (typeof choice === 'string' || typeof choice === 'boolean') return storable(choice);
  if (typeof choice === 'number') return storable(choice);
  return storable(JSON.stringify(choice));
}

/** By the names that the catalogue and the original study's code know; whatever else is taken for a setting of the optimizer. */
function kindOf(name: string): Kind {
  const leaf = name.split(/[./]/).at(-1) ?? name;
  const known = [...trainingHyperparameters, ...modelFamilies.flatMap((family) => family.hyperparameters)];
  const definition = known.find(
    (one) =>
      one.name === leaf ||
      one.originalName === leaf ||
      one.name.toLowerCase() === leaf.replaceAll('_', '').toLowerCase(),
  );
  return definition?.kind ?? 'optimizer';
}
