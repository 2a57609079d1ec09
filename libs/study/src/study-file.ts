/** The study file: what a person writes in YAML. `parseStudyFile` reads it; the JSON schema serves editors. */
import { Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { dataSpec } from './data-spec.ts';
import { earlyStopping } from './early-stopping.ts';
import { InputError } from './errors.ts';
import { KINDS, ROLES, SCALES } from './hyperparameter.ts';
import { hyperparameterValue } from './hyperparameter-value.ts';
import { DIRECTIONS } from './metric.ts';
import { prunerSettings } from './pruner-settings.ts';
import { samplerSettings } from './sampler-settings.ts';
import { checkData, checkSpace } from './study-file-checks.ts';
import { fieldsAt, type JsonSchema } from './study-file-fields.ts';
import { describeIssues, type StudyFileIssue } from './study-file-issues.ts';
import { checkConstraints, checkFolds, checkGroup, checkPhases, checkSamplers } from './study-file-plan.ts';
import { PHASES } from './study-state.ts';
import { checkText } from './study-file-text.ts';
import { checkTrainer, trainerSpec } from './trainer-spec.ts';
import { trialLimits } from './trial-limits.ts';

const kind = z.enum(KINDS).optional().describe('What it does to training; known for built-in hyperparameters.');
const role = z
  .enum(ROLES.filter((name) => name !== 'fixed') as ['scientific', 'nuisance'])
  .optional()
  .describe('scientific: its effect is the question; nuisance: tuned for fairness. Default by kind.');

const numeric = {
  minimum: z.number(),
  maximum: z.number(),
  scale: z.enum(SCALES).default('linear'),
  kind,
  role,
};

const varied = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('float'), ...numeric, step: z.number().positive().optional() }),
  z.strictObject({
    type: z.literal('int'),
    ...numeric,
    minimum: z.int(),
    maximum: z.int(),
    step: z.int().positive().optional(),
  }),
  z.strictObject({ type: z.literal('categorical'), choices: z.array(hyperparameterValue).min(1), kind, role }),
]);

const fixed = z.strictObject(
  {
    value: hyperparameterValue,
    reason: z.string().trim().min(1).describe('Why it is held at this value; conclusions carry it as a caveat.'),
    kind,
  },
  {
    // A bare value is what most people write first.
    error: ({ code, input }) =>
      code === 'invalid_type'
        ? `expected { value: ..., reason: why it is held }, got ${JSON.stringify(input)}`
        : undefined,
  },
);

const trialCount = z.int().min(1).max(1_000_000);

/**
 * A name, or a namespaced one: `optimizer=adam/learningRate`. What every JavaScript object has of itself (`constructor`) is none: it
 * would be found in configurations that lack it.
 */
const name = z
  .string()
  .regex(/^(?:[A-Za-z]\w*=[^/=]+\/)*[A-Za-z]\w*$/)
  .refine((text) => !text.split('/').some((part) => (part.split('=')[0] as string) in {}));

/** A priority lies between minus this and this: a thousand times the share of the slots, or a thousandth. */
export const MOST_PRIORITY = 10;

export const studyFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected lower case letters, digits, dots and dashes, at most 64')
      .describe('Lower case letters, digits, dots and dashes; the study is known by it.'),
    goal: z.string().trim().min(1).describe('The one question this study answers.'),
    phase: z.enum(PHASES).default('explore'),
    trainer: trainerSpec.optional(),
    data: dataSpec.optional().describe('What is trained on; a command as trainer may bring its own.'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Model family: cnn1d, vit1d or conv-transformer; with a command as trainer a name of your own.'),
    objective: z
      .strictObject({ metric: z.string(), direction: z.enum(DIRECTIONS) })
      .prefault({ metric: 'validationMacroF1', direction: 'maximise' })
      .describe('A validation metric; the test people are never an objective.'),
    space: z.record(name, varied).describe('What is searched.'),
    fixed: z.record(name, fixed).default({}).describe('What is held, and why. Everything else takes its default.'),
    constraints: z
      .array(z.string().trim().min(1))
      .default([])
      .describe(
        'What every configuration satisfies, e.g. `weightCount <= 300000` or `windowLength % patchSize == 0`: names of hyperparameters, and weightCount, windowLength, channelCount, classCount.',
      ),
    sampler: samplerSettings.prefault('auto').describe('Who proposes configurations.'),
    pruner: prunerSettings.prefault('none').describe('Who ends trainings early; never while exploring.'),
    budget: z.strictObject({ trials: trialCount }).describe('How many configurations are proposed.'),
    replicates: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('Trials of each configuration that differ in their seed alone; the objective is their mean.'),
    folds: z
      .union([z.literal('all'), z.array(z.int().min(0)).min(1)])
      .optional()
      .describe(
        "Each configuration is trained once on each of these folds of people; the split's own fold unless stated.",
      ),
    exploit: z
      .strictObject({
        trials: trialCount.describe('Configurations on top of the budget.'),
        sampler: samplerSettings.prefault('auto'),
        pruner: prunerSettings.prefault('none'),
        override: z
          .string()
          .trim()
          .min(1)
          .optional()
          .describe('Why to go on although the checks of the explored space fail.'),
      })
      .optional()
      .describe(
        'A second phase in a space refined from the first one; refused where its boundary or density checks fail.',
      ),
    from: z.string().optional().describe('An earlier study whose results inside this space the sampler starts with.'),
    studyGroup: name
      .optional()
      .describe(
        'A scientific choice of the space: one study for each of its values, with the same configurations of the rest.',
      ),
    thresholds: z
      .record(z.string(), z.record(z.string(), z.number()))
      .default({})
      .describe('Thresholds of the analysis that differ from the defaults, by check: `boundaries: { near: 0.05 }`.'),
    parallelism: z.int().min(1).optional().describe('Trials at once; default: one for each core.'),
    priority: z
      .int()
      .min(-MOST_PRIORITY)
      .max(MOST_PRIORITY)
      .optional()
      .describe(
        'Share of the slots beside other studies: each step up doubles it; default: 0. A running study may change it.',
      ),
    keepBest: z.int().min(1).max(100).default(1).describe('Best checkpoints kept for each trial.'),
    earlyStopping: earlyStopping.optional(),
    limits: trialLimits.optional(),
    seed: z.int().min(0).max(4294967295).default(0),
  })
  .superRefine(checkTrainer)
  .superRefine(checkSpace)
  .superRefine(checkData)
  .superRefine(checkFolds)
  .superRefine(checkPhases)
  .superRefine(checkGroup)
  .superRefine(checkConstraints)
  .superRefine(checkSamplers);
export type StudyFile = z.infer<typeof studyFile>;

/**
 * Reads a study file's text.
 * @throws InputError naming the file, the line and the field: what was expected and what came.
 */
export function parseStudyFile(text: string, file: string): StudyFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, stringKeys: true });
  // A warning is a tag that YAML does not know: what it stands for is not what would be read.
  const syntax = document.errors[0] ?? document.warnings[0];
  if (syntax !== undefined) {
    const what = (syntax.message.split('\n')[0] as string).replace(/(; please use .*)? at line \d+, column \d+:?$/, '');
    throw new InputError('study-file-syntax', `not valid YAML: ${what}`, {
      file,
      line: lines.linePos(syntax.pos[0]).line,
    });
  }
  const content = contentOf(document, file);
  if (content === null) throw new InputError('study-file-empty', 'expected a study, found an empty file', { file });
  return checked(content, { document, lines, file });
}

/**
 * A study from plain values, as a form gives them, under the same rules as a study file.
 * @throws InputError naming each wrong field; `source` stands where a file's path would.
 */
export function checkStudyFile(content: unknown, source: string): StudyFile {
  return checked(content, { document: new Document(content), lines: undefined, file: source });
}

/** Before the fields are looked at: of two names that no field can have one would be passed over. */
const storableContent = z.unknown().superRefine(checkText);

interface Written {
  readonly document: Document;
  readonly lines: LineCounter | undefined;
  readonly file: string;
}

function checked(content: unknown, { document, lines, file }: Written): StudyFile {
  const result = storableContent.pipe(studyFile).safeParse(content);
  if (result.success) return result.data;
  const schema = studyFileJsonSchema() as JsonSchema;
  const known = (path: readonly PropertyKey[]): readonly string[] => fieldsAt(schema, path);
  const issues = describeIssues(result.error, { document, lines, known });
  const [first, ...rest] = issues as [StudyFileIssue, ...StudyFileIssue[]];
  const others = rest.map(({ line, text: issue }) => `\n  ${file}${line === undefined ? '' : `:${line}`}: ${issue}`);
  throw new InputError('study-file-invalid', first.text + others.join(''), {
    file,
    ...(first.line === undefined ? {} : { line: first.line }),
    problems: issues.map(({ path, text }) => ({ field: path, message: text })),
  });
}

/** Plain values; aliases are resolved here, a few of them: a hundred that nest would be millions of values. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new InputError('study-file-syntax', `not valid YAML: ${error.message}`, { file });
  }
}

/** The JSON schema of a study file, for editors (`# yaml-language-server: $schema=...`). */
export function studyFileJsonSchema(): object {
  return { title: 'Kinetune study', ...z.toJSONSchema(studyFile, { io: 'input' }) };
}
