/** The data part of a study: which recordings, how they are cut into windows, and who is held out. */
import { z } from 'zod';
import { csvSpec } from './csv-spec.ts';

const positiveInt = z.int().positive();
/** People are names, also where a name is a number: YAML reads `[1, 2]` as such. */
const person = z.union([z.string().min(1), z.int()], 'expected the name of a person').transform(String);

/** Splits by person, and `random-windows` for comparison only: it marks every result as leaking. */
export const splitSpec = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('official'),
      seed: z
        .int()
        .min(0)
        .default(0)
        .describe('Seed that picks the validation people among the official training people.'),
      validationShare: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.2)
        .describe('Share of the training people held out for validation.'),
    })
    .describe("The data set's published split by people; validation people are drawn from its training people."),
  z
    .strictObject({
      kind: z.literal('fixed'),
      train: z.array(person).min(1),
      validation: z.array(person).min(1),
      test: z.array(person).min(1),
    })
    .describe('Three disjoint lists of people.'),
  z
    .strictObject({
      kind: z.literal('group-k-fold'),
      folds: z.int().min(3).default(5),
      fold: z.int().min(0).default(0).describe('Which fold is the test fold; the next one is for validation.'),
      seed: z.int().min(0).default(0),
    })
    .describe('People dealt into folds: one for test, the next for validation, the others for training.'),
  z
    .strictObject({
      kind: z.literal('leave-one-subject-out'),
      fold: z.int().min(0).default(0).describe('Index of the test person, in sorted order.'),
      seed: z.int().min(0).default(0),
      validationShare: z.number().gt(0).lt(1).default(0.2),
    })
    .describe('One person for test, a share of the others for validation.'),
  z
    .strictObject({
      kind: z.literal('random-windows'),
      seed: z.int().min(0).default(0),
      validationShare: z.number().gt(0).lt(1).default(0.15),
      testShare: z.number().gt(0).lt(1).default(0.15),
    })
    .describe(
      'For comparison only: the same people and overlapping windows on both sides; every result is marked leaking.',
    ),
]);
export type SplitSpec = z.infer<typeof splitSpec>;

export const windowSpec = z.strictObject({
  length: positiveInt.default(128).describe('Samples in a window.'),
  step: positiveInt.default(64).describe('Samples from one window to the next; half the length is 50 % overlap.'),
});
export type WindowSpec = z.infer<typeof windowSpec>;

export const dataSpec = z.strictObject({
  dataset: z
    .enum(['watch', 'hapt-6', 'hapt', 'wharf', 'uci-har', 'wisdm', 'csv', 'synthetic'])
    .describe('Which data set; `watch` is fetched from the Python index, the others are looked for under --data.'),
  path: z.string().optional().describe('File or folder to import from, instead of looking under --data.'),
  window: windowSpec.prefault({}),
  split: splitSpec.prefault({ kind: 'group-k-fold' }),
  csv: csvSpec.optional(),
  synthetic: z
    .strictObject({
      people: z.int().min(3).default(30),
      minutesPerPerson: z.number().positive().default(6),
      seed: z.int().min(0).default(0),
    })
    .optional(),
});
export type DataSpec = z.infer<typeof dataSpec>;
