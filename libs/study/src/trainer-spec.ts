/** The trainer part of a study file: the built-in one, a command that speaks the trainer protocol, or whoever asks for configurations. */
import { z } from 'zod';
import { DIRECTIONS, METRIC_SPLITS } from './metric.ts';

const metric = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,63}$/, 'expected a letter, then letters, digits, _, . and -, at most 64')
    .describe(
      'As measurements name it. Findings and checks of curves know trainLoss, validationLoss, validationAccuracy.',
    ),
  direction: z.enum(DIRECTIONS),
  split: z
    .enum(METRIC_SPLITS)
    .default('validation')
    .describe('validation: may be the objective; train and system ones describe.'),
});

const metrics = z.array(metric).min(1).describe('What its measurements may carry; the objective is one of them.');

const commandTrainer = z
  .strictObject({
    command: z
      .array(z.union([z.string().min(1), z.number()]).transform(String), {
        error: ({ input }) =>
          `expected a list of words such as [python3, train.py], got ${JSON.stringify(input)}: no shell reads the command`,
      })
      .min(1, 'expected at least the program, got an empty list')
      .describe("Program and arguments, run in the study file's folder; no shell reads them."),
    metrics,
  })
  .describe('A program in any language that speaks the trainer protocol.');

const askTrainer = z
  .strictObject({ ask: z.literal(true), metrics })
  .describe('A loop of your own that asks for configurations and tells what it measured, over GraphQL.');

export const trainerSpec = z
  .union([z.enum(['built-in', 'ask']), commandTrainer, askTrainer])
  .describe(
    'Who trains: built-in (default); a command with its metrics; ask: a loop of your own that asks and tells over GraphQL, with the objective as its only metric unless it declares more. The last two need neither model nor data.',
  );
export type TrainerSpec = z.infer<typeof trainerSpec>;

interface Trained {
  readonly trainer?: TrainerSpec | undefined;
  readonly data?: object | undefined;
  readonly model?: string | undefined;
}

/** The built-in trainer needs a model family and data; the others say what each of their metrics is once. */
export function checkTrainer({ trainer = 'built-in', data, model }: Trained, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (trainer === 'built-in') {
    if (data === undefined) refuse(['data'], 'is missing: expected the data set that the built-in trainer trains on');
    if (model === undefined) refuse(['model'], 'is missing: expected a model family for the built-in trainer');
    return;
  }
  const isAsked = trainer === 'ask' || 'ask' in trainer;
  if (isAsked && data !== undefined)
    refuse(['data'], 'is not used: expected none with `trainer: ask`, since whoever asks brings data of their own');
  if (trainer === 'ask') return;
  const names = trainer.metrics.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      refuse(['trainer', 'metrics', index], `expected distinct metrics, got ${name} twice`);
  if (!trainer.metrics.some(({ split }) => split === 'validation'))
    refuse(
      ['trainer', 'metrics'],
      `expected at least one metric of the split validation, for the objective, got none among ${names.join(', ')}`,
    );
}
