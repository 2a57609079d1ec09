/** What a study file's types cannot say of how its space is searched: phases, folds, groups, constraints, samplers. */
import type { z } from 'zod';
import { parseConstraint } from './constraint.ts';
import type { DataSpec } from './data-spec.ts';
import { domainContains } from './domain.ts';
import { InputError } from './errors.ts';
import type { Domain, HyperparameterValue } from './hyperparameter.ts';
import { didYouMean } from './nearest-name.ts';
import type { PrunerSettings } from './pruner-settings.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import { isActive, parseName } from './space.ts';
import type { Phase } from './study-state.ts';

type Path = (string | number)[];

/** @returns adds an issue at a path of the file. */
function refuser(context: z.RefinementCtx): (path: Path, message: string) => void {
  return (path, message) => context.addIssue({ code: 'custom', path, message });
}

interface Phased {
  readonly name: string;
  readonly phase: Phase;
  readonly pruner: PrunerSettings;
  readonly exploit?: object | undefined;
  readonly from?: string | undefined;
}

/** Exploring needs whole curves (practice 98), and a study has one second phase at most. */
export function checkPhases(file: Phased, context: z.RefinementCtx): void {
  const refuse = refuser(context);
  const { name, phase, pruner, exploit, from } = file;
  if (exploit !== undefined && phase === 'exploit')
    refuse(['exploit'], 'a study whose phase is exploit has no second phase: leave one of the two out');
  else if (phase === 'explore' && pruner.kind !== 'none') {
    const where = exploit === undefined ? 'set `phase: exploit`' : 'move it to `exploit.pruner`';
    refuse(
      ['pruner'],
      `pruners are off while exploring (practice 98): a curve that was cut short says nothing of its end, and the best checkpoint is chosen afterwards anyway; expected none, got ${pruner.kind}: ${where}, and see what it would have cost by \`kinetune study replay\``,
    );
  }
  if (from === name) refuse(['from'], `expected an earlier study, got ${from}, which is this one`);
}

interface Folded {
  readonly data?: DataSpec | undefined;
  readonly folds?: 'all' | readonly number[] | undefined;
}

/** Folds are people dealt out: only splits that deal have several, and each is trained on once. */
export function checkFolds({ data, folds }: Folded, context: z.RefinementCtx): void {
  const refuse = refuser(context);
  if (folds === undefined) return;
  if (data === undefined) {
    refuse(['folds'], 'expected `data` whose people are dealt into folds, found none');
    return;
  }
  const { split } = data;
  if (split.kind !== 'group-k-fold' && split.kind !== 'leave-one-subject-out') {
    refuse(['folds'], `expected a split group-k-fold or leave-one-subject-out for several folds, got ${split.kind}`);
    return;
  }
  if (folds === 'all') return;
  for (const [index, fold] of folds.entries()) {
    if (folds.indexOf(fold) !== index) refuse(['folds', index], `expected distinct folds, got ${fold} twice`);
    // How many people can be left out is known from the data alone.
    if (split.kind === 'group-k-fold' && fold >= split.folds)
      refuse(['folds', index], `expected folds from 0 to ${split.folds - 1}, got ${fold}`);
  }
}

interface Grouped {
  readonly phase: Phase;
  readonly space: Readonly<
    Record<string, { readonly choices?: readonly unknown[]; readonly role?: string | undefined }>
  >;
  readonly constraints: readonly string[];
  readonly sampler: SamplerSettings;
  readonly exploit?: object | undefined;
  readonly studyGroup?: string | undefined;
}

/** The studies of a group have the same configurations of the rest, so nothing of the rest may follow from the choice. */
export function checkGroup(file: Grouped, context: z.RefinementCtx): void {
  const refuse = refuser(context);
  const { phase, space, constraints, sampler, exploit, studyGroup: group } = file;
  if (group === undefined) return;
  const own = Object.hasOwn(space, group) ? space[group] : undefined;
  if (own === undefined) {
    refuse(
      ['studyGroup'],
      `expected a hyperparameter of the space, got ${group}.${didYouMean(group, Object.keys(space))}`,
    );
    return;
  }
  if (own.choices === undefined || own.choices.length < 2)
    refuse(['studyGroup'], `expected a categorical hyperparameter with at least two choices, and ${group} is none`);
  if (own.role === 'nuisance')
    refuse(
      ['studyGroup'],
      `expected a scientific hyperparameter, and ${group} is nuisance: its effect is the question`,
    );
  if (parseName(group).conditions.length > 0)
    refuse(['studyGroup'], `expected a hyperparameter outside of branches, got ${group}`);
  if (exploit !== undefined)
    refuse(
      ['exploit'],
      'the studies of a group stay comparable only while exploring: refine the better one afterwards',
    );
  if (sampler.kind === 'list')
    refuse(
      ['sampler'],
      `a list has one value of ${group} in each configuration: give each choice a study file of its own`,
    );
  if (phase === 'exploit' || ['tpe', 'gp'].includes(sampler.kind)) {
    const what = phase === 'exploit' ? 'phase exploit' : `sampler ${sampler.kind}`;
    refuse(
      ['studyGroup'],
      `expected to explore quasi-randomly, got ${what}: proposals that follow results would differ between the studies of the group`,
    );
  }
  const inBranches = Object.keys(space).filter((name) =>
    parseName(name).conditions.some(({ parent }) => parent === group),
  );
  for (const [index, text] of constraints.entries()) {
    const named = namesOf(text).find((one) => inBranches.some((name) => parseName(name).leaf === one));
    if (named !== undefined)
      refuse(
        ['constraints', index],
        `names ${named}, which exists for some values of ${group} only: the studies of the group would have other configurations`,
      );
  }
}

interface Constrained {
  readonly constraints: readonly string[];
}

/** Every constraint reads; whether its names are known is checked where the model is. */
export function checkConstraints({ constraints }: Constrained, context: z.RefinementCtx): void {
  const refuse = refuser(context);
  for (const [index, text] of constraints.entries()) {
    try {
      parseConstraint(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refuse(['constraints', index], error.message);
    }
  }
}

function namesOf(text: string): readonly string[] {
  try {
    return parseConstraint(text).names;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

interface Sampled {
  readonly space: Readonly<Record<string, { readonly type: string }>>;
  readonly sampler: SamplerSettings;
  readonly budget: { readonly trials: number };
  readonly exploit?: { readonly sampler: SamplerSettings; readonly trials: number } | undefined;
}

/** A list holds configurations of this space, enough of them. */
export function checkSamplers({ space, sampler, budget, exploit }: Sampled, context: z.RefinementCtx): void {
  const refuse = refuser(context);
  const domains = space as Readonly<Record<string, Domain>>;
  const check = (settings: SamplerSettings, path: Path, trials: number): void => {
    if (settings.kind !== 'list') return;
    const { configurations } = settings;
    if (configurations.length < trials)
      refuse([...path, 'configurations'], `expected one for each of ${trials} trials, got ${configurations.length}`);
    for (const [index, values] of configurations.entries())
      for (const problem of listedProblems(domains, values)) refuse([...path, 'configurations', index], problem);
  };
  check(sampler, ['sampler'], budget.trials);
  if (exploit !== undefined) check(exploit.sampler, ['exploit', 'sampler'], exploit.trials);
}

/** What keeps a listed configuration from being one of the space. */
function listedProblems(
  domains: Readonly<Record<string, Domain>>,
  values: Readonly<Record<string, HyperparameterValue>>,
): readonly string[] {
  const names = Object.keys(domains);
  const problems: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const domain = Object.hasOwn(domains, name) ? domains[name] : undefined;
    if (domain === undefined) problems.push(`${name} is no hyperparameter of the space.${didYouMean(name, names)}`);
    else if (!isActive(name, values)) problems.push(`${name} does not exist under the values of its parents`);
    else if (!domainContains(domain, value)) problems.push(`${name}: ${JSON.stringify(value)} is not in its domain`);
  }
  const missing = names.filter((name) => isActive(name, values) && !Object.hasOwn(values, name));
  if (missing.length > 0) problems.push(`expected a value for ${missing.join(', ')}, found none`);
  return problems;
}
