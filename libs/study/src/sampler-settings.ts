/** Which sampler proposes a study's configurations, as a study file and a study's record name it. */
import { z } from 'zod';
import { hyperparameterValue } from './hyperparameter-value.ts';

export const SAMPLER_KINDS = ['auto', 'halton', 'sobol', 'random', 'grid', 'list', 'tpe', 'gp'] as const;
export type SamplerKind = (typeof SAMPLER_KINDS)[number];

const startupTrials = z
  .int()
  .min(2)
  .optional()
  .describe('Quasi-random configurations before the model is asked; a sensible number for the space unless stated.');

const settings = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('auto') })
    .describe('Chosen by phase, budget and parallelism; every trial says which and why.'),
  z
    .strictObject({ kind: z.literal('halton') })
    .describe('Scrambled Halton sequence: covers the space evenly for any number of trials.'),
  z.strictObject({ kind: z.literal('sobol') }).describe('Scrambled Sobol sequence: most even for powers of two.'),
  z.strictObject({ kind: z.literal('random') }).describe('Independent uniform draws.'),
  z
    .strictObject({
      kind: z.literal('grid'),
      levels: z
        .int()
        .min(2)
        .max(1000)
        .default(5)
        .describe('Values of a continuous hyperparameter; discrete ones take all of theirs.'),
    })
    .describe('Every combination once; fine for one or two dimensions.'),
  z
    .strictObject({
      kind: z.literal('list'),
      configurations: z
        .array(z.record(z.string(), hyperparameterValue))
        .min(1)
        .describe('A value for each active hyperparameter of the space, one entry a configuration.'),
    })
    .describe('Given configurations, in their order.'),
  z
    .strictObject({ kind: z.literal('tpe'), startupTrials })
    .describe('Tree-structured Parzen estimator: for conditional and categorical spaces and for many trials.'),
  z
    .strictObject({ kind: z.literal('gp'), startupTrials })
    .describe('Gaussian process: for numeric spaces and up to some hundred trials.'),
]);

/** A kind alone, or with its options. */
export const samplerSettings = z.union([
  z
    .enum(SAMPLER_KINDS)
    .exclude(['list'])
    .transform((kind) => settings.parse({ kind })),
  settings,
]);
export type SamplerSettings = z.infer<typeof settings>;
