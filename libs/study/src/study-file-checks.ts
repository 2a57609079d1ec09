/** What a study file's types cannot say: ranges that make sense, parents that exist, practices that are refused. */
import type { z } from 'zod';
import type { DataSpec } from './data-spec.ts';
import { didYouMean } from './nearest-name.ts';
import { parseName } from './space.ts';

interface Varied {
  readonly type: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly scale?: string;
  readonly step?: number | undefined;
  readonly choices?: readonly unknown[];
  readonly kind?: string | undefined;
  readonly role?: string | undefined;
}

interface Checked {
  readonly space: Readonly<Record<string, Varied>>;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly objective: { readonly metric: string };
}

/** Why a hyperparameter is not searched for the best value (Deep Learning Tuning Playbook; practices 12 and 83). */
const NEVER_SEARCHED = {
  batch:
    'batch size is not tuned for validation performance: pick the largest that the machine runs well and hold it under `fixed` with that reason; where its effect is the question, say `role: scientific`',
  steps:
    'the number of epochs is never tuned inside a study: hold it under `fixed` and read the best step of each trial instead',
} as const;

/** Known by its kind, or by its name as trainers in any language write it (`batch_size`). */
function neverSearched(leaf: string, { kind }: Varied): keyof typeof NEVER_SEARCHED | undefined {
  const plain = leaf.replaceAll('_', '').toLowerCase();
  if (kind === 'batch' || plain === 'batchsize') return 'batch';
  return kind === 'steps' || /^(n|num|max)?epochs$|^(max)?trainsteps$/.test(plain) ? 'steps' : undefined;
}

export function checkSpace(file: Checked, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (Object.keys(file.space).length === 0)
    refuse(['space'], 'expected at least one hyperparameter to search, got none');
  for (const [name, domain] of Object.entries(file.space)) {
    checkDomain(domain, (key, message) => refuse(['space', name, key], message));
    const { leaf, conditions } = parseName(name);
    const never = neverSearched(leaf, domain);
    if (never !== undefined && !(never === 'batch' && domain.role === 'scientific'))
      refuse(['space', name], NEVER_SEARCHED[never]);
    if (Object.hasOwn(file.fixed, name))
      refuse(['fixed', name], `is searched under \`space\` and held under \`fixed\`: keep one of the two`);
    for (const { parent, equals } of conditions) {
      const choices = own(file.space, parent)?.choices;
      if (choices === undefined) {
        refuse(
          ['space', name],
          `expected a categorical hyperparameter \`${parent}\` in the space as its parent, found none.${didYouMean(parent, Object.keys(file.space))}`,
        );
      } else if (!choices.map(String).includes(equals)) {
        refuse(['space', name], `its parent \`${parent}\` has the choices ${choices.join(', ')}, not ${equals}`);
      }
    }
    // The same leaf may exist in several branches, but never both in a branch and outside it: the trainer would get two.
    if (conditions.length > 0 && (Object.hasOwn(file.space, leaf) || Object.hasOwn(file.fixed, leaf))) {
      refuse(['space', name], `\`${leaf}\` also exists outside this branch: keep one of the two`);
    }
  }
  if (!file.objective.metric.startsWith('validation') && /^(test|train)/.test(file.objective.metric)) {
    refuse(
      ['objective', 'metric'],
      `expected a validation metric, got ${file.objective.metric}: training and test results are not objectives`,
    );
  }
}

/** Splits that can be made: a fold that exists, people on one side only, shares that leave something to train on. */
export function checkData({ data }: { readonly data?: DataSpec | undefined }, context: z.RefinementCtx): void {
  if (data === undefined) return;
  const refuse = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path: ['data', ...path], message });
  if (data.dataset === 'csv' && data.path === undefined)
    refuse(['path'], 'a csv data set needs the path of its file or folder');
  for (const kind of ['csv', 'synthetic'] as const) {
    if (data[kind] !== undefined && data.dataset !== kind)
      refuse([kind], `belongs to the data set ${kind}, and the data set is ${data.dataset}: change one of the two`);
  }
  const { split } = data;
  if (split.kind === 'group-k-fold' && split.fold >= split.folds) {
    refuse(['split', 'fold'], `expected a fold from 0 to ${split.folds - 1}, got ${split.fold}`);
  }
  if (split.kind === 'random-windows' && split.validationShare + split.testShare >= 1) {
    refuse(['split', 'testShare'], 'expected shares for validation and test that leave some windows to train on');
  }
  if (split.kind === 'fixed') {
    const side = new Map<string, string>();
    for (const part of ['train', 'validation', 'test'] as const) {
      for (const person of split[part]) {
        const earlier = side.get(person);
        if (earlier !== undefined)
          refuse(['split', part], `person ${person} is in ${earlier} already: people are on one side only`);
        side.set(person, part);
      }
    }
  }
}

/** The value under a key of the record itself: `constructor` is a name like any other. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function checkDomain(domain: Varied, refuse: (key: string, message: string) => void): void {
  if (domain.choices !== undefined) {
    // A branch names its choice as text (`bias=true/x`), so true and 'true' would be one.
    if (new Set(domain.choices.map(String)).size !== domain.choices.length)
      refuse('choices', 'expected distinct values, found a repeated one');
    return;
  }
  const { minimum, maximum, scale, step } = domain;
  if (minimum === undefined || maximum === undefined) return;
  if (minimum > maximum) refuse('minimum', `expected minimum <= maximum, got ${minimum} > ${maximum}`);
  const range = maximum - minimum;
  if (!(domain.type === 'int' ? Number.isSafeInteger(range) : Number.isFinite(range)))
    refuse('maximum', `expected a range that a number can hold, got ${minimum} to ${maximum}: narrow it`);
  if (scale === 'log' && minimum <= 0) refuse('minimum', `a log scale needs a minimum above 0, got ${minimum}`);
  if (scale === 'log' && step !== undefined && domain.type === 'float')
    refuse('step', 'a step needs the linear scale; a log-scaled float is continuous');
  if (step !== undefined && step > range) refuse('step', `expected a step within the range ${range}, got ${step}`);
}
