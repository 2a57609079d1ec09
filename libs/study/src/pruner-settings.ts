/** Which pruner ends trainings early, as a study file and a study's record name it. What the options mean stands in libs/search. */
import { z } from 'zod';
import { DIRECTIONS } from './metric.ts';

export const PRUNER_KINDS = ['none', 'percentile', 'successive-halving', 'hyperband', 'patience'] as const;
export type PrunerKind = (typeof PRUNER_KINDS)[number];

const watch = z
  .strictObject({ metric: z.string(), direction: z.enum(DIRECTIONS) })
  .optional()
  .describe("The metric that is looked at; the study's objective unless stated.");
const epochs = z.number().positive().optional();
const halving = {
  eta: z.number().min(2).optional().describe('One in so many goes on from a rung.'),
  grace: epochs.describe('Epochs before the first rung; a tenth of the training unless stated.'),
  fewestInRung: z.int().min(1).optional().describe('A rung is judged once it holds so many trials.'),
  rungValue: z.enum(['best', 'last']).optional(),
  watch,
};
const percentile = z.strictObject({
  kind: z.literal('percentile'),
  percentile: z
    .number()
    .gt(0)
    .lt(100)
    .optional()
    .describe('Trials in the best so many percent go on; 50, the median, unless stated.'),
  startupTrials: z.int().min(1).optional().describe('Nothing is stopped before so many trials have completed.'),
  warmup: epochs.describe('Epochs before anything is stopped; a tenth of the training unless stated.'),
  interval: epochs.describe('Epochs from one decision to the next.'),
  watch,
});

const settings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  percentile,
  z.strictObject({ kind: z.literal('successive-halving'), ...halving }),
  z.strictObject({ kind: z.literal('hyperband'), ...halving }),
  z.strictObject({
    kind: z.literal('patience'),
    patience: epochs.describe('Epochs without a better smoothed value; a fifth of the training unless stated.'),
    smoothing: z.strictObject({ kind: z.enum(['none', 'exponential', 'median']), window: z.int().min(1) }).optional(),
    minimumGain: z.number().min(0).optional(),
    only: percentile
      .nullable()
      .optional()
      .describe('A rule that must agree; the median rule unless stated, null for none.'),
    watch,
  }),
]);

/** A kind alone, or with its options. */
export const prunerSettings = z.union([z.enum(PRUNER_KINDS).transform((kind) => settings.parse({ kind })), settings]);
export type PrunerSettings = z.infer<typeof settings>;
