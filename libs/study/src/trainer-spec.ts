/** The trainer part of a study file: the built-in one, or a command that speaks the trainer protocol and declares what it measures. */
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

const commandTrainer = z
  .strictObject({
    command: z
      .array(z.union([z.string().min(1), z.number()]).transform(String), {
        error: ({ input }) =>
          `expected a list of words such as [python3, train.py], got ${JSON.stringify(input)}: no shell reads the command`,
      })
      .min(1, 'expected at least the program, got an empty list')
      .describe("Program and arguments, run in the study file's folder; no shell reads them."),
    metrics: z.array(metric).min(1).describe('What its measurements may carry; the objective is one of them.'),
  })
  .describe('A program in any language that speaks the trainer protocol.');

export const trainerSpec = z
  .union([z.literal('built-in'), commandTrainer])
  .describe('Who trains: built-in (default), or a command with its metrics. A command needs neither model nor data.');
export type TrainerSpec = z.infer<typeof trainerSpec>;

interface Trained {
  readonly trainer?: TrainerSpec | undefined;
  readonly data?: object | undefined;
  readonly model?: string | undefined;
}

/** The built-in trainer needs a model family and data; a command says what each of its metrics is once. */
export function checkTrainer({ trainer = 'built-in', data, model }: Trained, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (trainer === 'built-in') {
    if (data === undefined) refuse(['data'], 'is missing: expected the data set that the built-in trainer trains on');
    if (model === undefined) refuse(['model'], 'is missing: expected a model family for the built-in trainer');
    return;
  }
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
