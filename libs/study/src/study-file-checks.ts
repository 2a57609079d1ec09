/** What a study file's types cannot say: ranges that make sense, parents that exist, practices that are refused. */
import type { z } from 'zod';
import { parseName } from './space.ts';

interface Varied {
  readonly type: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly scale?: string;
  readonly step?: number | undefined;
  readonly choices?: readonly unknown[];
}

interface Checked {
  readonly space: Readonly<Record<string, Varied>>;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly objective: { readonly metric: string };
  readonly data: { readonly dataset: string; readonly csv?: unknown; readonly path?: string | undefined };
}

/** Why a hyperparameter is never searched (Deep Learning Tuning Playbook; practices 12 and 83). */
const NEVER_SEARCHED: Readonly<Record<string, string>> = {
  batchSize:
    'batch size is not tuned for validation performance: pick the largest that the machine runs well and hold it under `fixed` with that reason',
  epochs:
    'the number of epochs is never tuned inside a study: hold it under `fixed` and read the best step of each trial instead',
};

export function checkSpace(file: Checked, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (Object.keys(file.space).length === 0)
    refuse(['space'], 'expected at least one hyperparameter to search, got none');
  for (const [name, domain] of Object.entries(file.space)) {
    checkDomain(domain, (key, message) => refuse(['space', name, key], message));
    const { leaf, conditions } = parseName(name);
    const never = NEVER_SEARCHED[leaf];
    if (never !== undefined) refuse(['space', name], never);
    if (name in file.fixed)
      refuse(['fixed', name], `is searched under \`space\` and held under \`fixed\`: keep one of the two`);
    for (const { parent, equals } of conditions) {
      const choices = file.space[parent]?.choices;
      if (choices === undefined) {
        refuse(
          ['space', name],
          `expected a categorical hyperparameter \`${parent}\` in the space as its parent, found none`,
        );
      } else if (!choices.map(String).includes(equals)) {
        refuse(['space', name], `its parent \`${parent}\` has the choices ${choices.join(', ')}, not ${equals}`);
      }
    }
    // The same leaf may exist in several branches, but never both in a branch and outside it: the trainer would get two.
    if (conditions.length > 0 && (leaf in file.space || leaf in file.fixed)) {
      refuse(['space', name], `\`${leaf}\` also exists outside this branch: keep one of the two`);
    }
  }
  if (!file.objective.metric.startsWith('validation') && /^(test|train)/.test(file.objective.metric)) {
    refuse(
      ['objective', 'metric'],
      `expected a validation metric, got ${file.objective.metric}: training and test results are not objectives`,
    );
  }
  if (file.data.dataset === 'csv' && file.data.path === undefined)
    refuse(['data', 'path'], 'a csv data set needs the path of its file or folder');
}

function checkDomain(domain: Varied, refuse: (key: string, message: string) => void): void {
  if (domain.choices !== undefined) {
    if (new Set(domain.choices).size !== domain.choices.length)
      refuse('choices', 'expected distinct values, found a repeated one');
    return;
  }
  const { minimum, maximum, scale, step } = domain;
  if (minimum === undefined || maximum === undefined) return;
  if (minimum > maximum) refuse('minimum', `expected minimum <= maximum, got ${minimum} > ${maximum}`);
  if (scale === 'log' && minimum <= 0) refuse('minimum', `a log scale needs a minimum above 0, got ${minimum}`);
  if (scale === 'log' && step !== undefined && domain.type === 'float')
    refuse('step', 'a step needs the linear scale; a log-scaled float is continuous');
  if (step !== undefined && step > maximum - minimum)
    refuse('step', `expected a step within the range ${maximum - minimum}, got ${step}`);
}
