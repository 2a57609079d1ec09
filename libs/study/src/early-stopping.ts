/** When a trial may end before its last epoch. Off unless asked for: the best checkpoint is chosen retrospectively anyway. */
import { z } from 'zod';

/**
 * patience: `epochs` epochs in a row without a new best value · consecutive-worsenings: `epochs` epochs in a row each worse than
 * the one before (the original study's rule, which watched the training loss).
 */
export const EARLY_STOPPING_KINDS = ['patience', 'consecutive-worsenings'] as const;

export const earlyStopping = z
  .strictObject({
    kind: z.enum(EARLY_STOPPING_KINDS),
    metric: z.string().describe('The metric that is watched, e.g. validationLoss; it is never implied.'),
    epochs: z.int().min(1),
  })
  .describe('When a trial ends before its last epoch; off by default.');
export type EarlyStopping = z.infer<typeof earlyStopping>;
