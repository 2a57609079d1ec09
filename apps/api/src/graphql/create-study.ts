/** Creating studies, from a study file's text or from a form. */
import { findStudies, type Study } from '@kinetune/storage';
import { invariant, parseStudyFile } from '@kinetune/study';
import { allowedPath } from '../studies/allowed-path.ts';
import { createStudies, type CreatedStudies } from '../studies/create-studies.ts';
import { resolveStudies, type ResolvedStudy } from '../studies/resolve-study.ts';
import { inFormOrder, studyFromForm, type StudyForm } from '../studies/study-form.ts';
import { builder } from './builder.ts';
import { ExistingStudyRuleEnum } from './enums.ts';
import { readInput, type Given } from './input-bounds.ts';
import { Refused, refusing } from './refusal.ts';
import { StudyCheckType } from './study-check-type.ts';
import { StudyFormInput } from './study-form.ts';
import { StudyType } from './study-type.ts';

const CreateStudyInput = builder.inputType('CreateStudyInput', {
  fields: (t) => ({
    yaml: t.string({ description: "A study file's text; either this or `form`." }),
    form: t.field({ type: StudyFormInput, description: 'The same as fields; either this or `yaml`.' }),
    file: t.string({
      description: "Path of the study file, for messages; a command trainer's paths are relative to its folder.",
    }),
    dataFolder: t.string({
      description:
        'Where to import recordings from whose study file names no path, as `--data`; below the home or a folder that the operator allows.',
    }),
    trials: t.int({ description: "The budget, in place of the study file's." }),
    seed: t.field({ type: 'SafeInt', description: "The seed, in place of the study file's." }),
    shuffleLabels: t.boolean({ description: 'A control whose labels are permuted.' }),
    existing: t.field({
      type: ExistingStudyRuleEnum,
      description: 'What to do where a study has the name.',
      defaultValue: 'refuse',
      required: true,
    }),
    paused: t.boolean({ description: 'Wait to be resumed, instead of starting trials at once.' }),
    dryRun: t.boolean({ description: 'Check alone: create nothing.' }),
    idempotencyKey: t.string({
      description: 'Made by the client for this request: sent again with it, the request creates nothing twice.',
    }),
  }),
});

type CreateInput = typeof CreateStudyInput.$inferInput;

interface Payload extends CreatedStudies {
  readonly studies: readonly Study[];
}

const CreateStudyPayload = builder.objectRef<Payload>('CreateStudyPayload').implement({
  description: 'Studies that were created, or checked.',
  fields: (t) => ({
    studies: t.field({
      type: [StudyType],
      description: 'One, or one for each choice of a study group; none for a dry run.',
      resolve: ({ studies }) => [...studies],
    }),
    checks: t.field({
      type: [StudyCheckType],
      description: 'What can be said before it runs, in the same order.',
      resolve: ({ checks }) => [...checks],
    }),
    remarks: t.stringList({
      description: 'What was decided about studies that exist, for people.',
      resolve: ({ remarks }) => [...remarks],
    }),
  }),
});

builder.mutationField('createStudy', (t) =>
  t.field({
    type: CreateStudyPayload,
    description: 'Checks and creates a study, which then runs; its recordings are read first, which may take a while.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: CreateStudyInput, required: true }) },
    resolve: async (
      _,
      { input: request },
      { db, home, dataFolders, viewer, mayNameCommandTrainer },
    ): Promise<Payload> => {
      const input = readInput(request);
      const { dataFolder, idempotencyKey } = input;
      checkKey(idempotencyKey);
      const { place, studies } = await resolveInput(input, mayNameCommandTrainer(viewer));
      const folders = { home, dataFolders };
      const allowedFolder =
        dataFolder === undefined ? undefined : await refusing(['dataFolder'], () => allowedPath(dataFolder, folders));
      const created = await refusing([place], () =>
        createStudies(
          {
            studies,
            dataFolder: allowedFolder,
            isControl: input.shuffleLabels ?? false,
            existing: input.existing,
            state: input.paused === true ? 'PAUSED' : 'RUNNING',
            isBudgetStated: input.trials !== undefined,
            isDryRun: input.dryRun ?? false,
            idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, request },
          },
          { db, ...folders },
        ),
      );
      const found = await findStudies(db, created.studyIds);
      return {
        ...created,
        studies: created.studyIds.map((id) => {
          const study = found.get(id);
          if (study === undefined)
            throw new Refused('study-deleted', 'the study that this key created has been deleted since', [
              'idempotencyKey',
            ]);
          return study;
        }),
      };
    },
  }),
);

/** Refuses a key that no client makes. */
export function checkKey(key: string | undefined): void {
  if (key === undefined || /^[\w.:-]{1,128}$/.test(key)) return;
  throw new Refused(
    'idempotency-key-form',
    `expected up to 128 letters, digits and . _ : -, such as a UUID, got ${JSON.stringify(key.slice(0, 200))}`,
    ['idempotencyKey'],
  );
}

async function resolveInput(
  { yaml, form, file, trials, seed }: Given<CreateInput>,
  mayNameCommand: boolean,
): Promise<{ readonly place: 'yaml' | 'form'; readonly studies: readonly ResolvedStudy[] }> {
  if ((yaml === undefined) === (form === undefined))
    throw new Refused('study-ambiguous', 'expected either `yaml` or `form`, got both or neither: send one', ['yaml']);
  checkNumber('trials', trials, 1_000_000);
  checkNumber('seed', seed, 2 ** 32 - 1);
  const place = yaml === undefined ? 'form' : 'yaml';
  const studies = await refusing([place], () => {
    if (yaml !== undefined) {
      const source = { file: file ?? 'yaml', text: yaml, mayNameCommand };
      return resolveStudies(parseStudyFile(yaml, source.file), source);
    }
    invariant(form !== undefined, 'one of the two is given');
    const source = { file: file ?? 'form', text: '', mayNameCommand };
    return inFormOrder(form as StudyForm, () => resolveStudies(studyFromForm(form as StudyForm), source));
  });
  return {
    place,
    studies: studies.map((study) => ({
      ...study,
      ...(trials === undefined ? {} : { budget: { trials } }),
      ...(seed === undefined ? {} : { seed }),
    })),
  };
}

function checkNumber(field: string, value: number | undefined, most: number): void {
  const least = field === 'trials' ? 1 : 0;
  if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) return;
  throw new Refused('number-out-of-range', `expected a whole number from ${least} to ${most}, got ${value}`, [field]);
}
