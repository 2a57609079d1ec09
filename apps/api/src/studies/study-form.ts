/** A study from the fields of a form: the structure of a study file, with lists where the file has names as keys. */
import { checkStudyFile, InputError, type StudyFile } from '@kinetune/study';

/** As much of the form as is not the study file's own structure; the study file's rules check the rest. */
export interface StudyForm {
  readonly space: readonly Named[];
  readonly fixed?: readonly Named[] | null | undefined;
  readonly [field: string]: unknown;
}

interface Named {
  readonly name: string;
}

/** Stands where a study file's path would in messages. */
const SOURCE = 'form';

/** @throws InputError whose problems name fields of the form. */
export function studyFromForm(form: StudyForm): StudyFile {
  const { space, fixed, ...rest } = withoutNothing(form) as StudyForm;
  const content = { ...rest, space: byName('space', space), fixed: byName('fixed', fixed ?? []) };
  return inFormOrder(form, () => checkStudyFile(content, SOURCE));
}

/** Runs `work`, whose refusals name hyperparameters, and lets them name places in the form's lists. */
export function inFormOrder<T>(form: StudyForm, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.message, {
      problems: error.problems.map(({ field, message }) => ({ field: placeInForm(form, field), message })),
    });
  }
}

function placeInForm(form: StudyForm, [section, name, ...rest]: readonly string[]): readonly string[] {
  const list = section === 'space' ? form.space : section === 'fixed' ? form.fixed : undefined;
  const index = list?.findIndex((one) => one.name === name) ?? -1;
  const place = index >= 0 ? String(index) : name;
  return [...(section === undefined ? [] : [section]), ...(place === undefined ? [] : [place]), ...rest];
}

function byName(section: 'space' | 'fixed', list: readonly Named[]): Readonly<Record<string, unknown>> {
  const names = list.map(({ name }) => name);
  const second = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (second >= 0) {
    const message = `${section}: expected each hyperparameter once, got ${names[second]} twice: leave one out`;
    throw new InputError('study-file-invalid', message, {
      problems: [{ field: [section, String(second), 'name'], message }],
    });
  }
  return Object.fromEntries(list.map(({ name, ...rest }) => [name, rest]));
}

/** Parts that a form gives as JSON: there null may be a value. */
const FREE: ReadonlySet<string> = new Set([
  'split',
  'csv',
  'synthetic',
  'sampler',
  'pruner',
  'exploit',
  'earlyStopping',
]);

/** What a form leaves empty arrives as null; a study file leaves it out. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null && entry !== undefined)
      .map(([key, entry]) => [key, FREE.has(key) ? entry : withoutNothing(entry)]),
  );
}
