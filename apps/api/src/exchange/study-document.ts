/**
 * A study as JSON, version 1. One object:
 *
 *   format          'kinetune-study'
 *   version         1; it counts up when a reader of an earlier version would misread the file
 *   what            'all', or 'trials' (no measurements) or 'measurements' (numbers and measurements alone); 'all' can be imported
 *   study           what it is: goal, data, model, trainer, space and its versions, metrics, objective, sampler, pruner, budget, ...
 *   configurations  by number, each with the sampler's note (who proposed it, why) and its trials by replicate, each with its
 *                   outcome, seed, fold, times, fingerprint, diagnosis, evaluations and measurements by step
 *
 * A measurement's values are in the order of `study.metrics`. What was not finite is null. Moments are ISO 8601 in UTC, durations
 * milliseconds. What belongs to one machine (ids, agents, slots, checkpoints, the event log) is left out.
 */
import {
  dataSpec,
  DIRECTIONS,
  earlyStopping,
  evaluationResult,
  KINDS,
  PHASES,
  prunerSettings,
  samplerSettings,
  SCALES,
  STUDY_STATES,
  TRIAL_STATES,
} from '@kinetune/study';
import { z } from 'zod';
import { parseMoment } from './moment.ts';

export const DOCUMENT_FORMAT = 'kinetune-study';
export const DOCUMENT_VERSION = 1;

const count = z.int().min(0);
/** What an integer column holds. */
const small = count.max(0x7fffffff);
const number = z.number().nullable();
const moment = z.iso.datetime().transform((text, context) => {
  const found = parseMoment(text);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: `expected a moment of the years 1900 to 9999, got ${text}` });
  return z.NEVER;
});
const value = z.union([z.string(), z.number(), z.boolean()]);
const direction = z.enum(DIRECTIONS);
const record = z.record(z.string(), z.unknown());
const kind = z.enum(KINDS);
const numeric = {
  minimum: z.number(),
  maximum: z.number(),
  scale: z.enum(SCALES),
  step: z.number().positive().optional(),
};
const domain = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('float'), ...numeric }),
  z.strictObject({ type: z.literal('int'), ...numeric }),
  z.strictObject({ type: z.literal('categorical'), choices: z.array(value).min(1) }),
]);
const space = z.strictObject({
  version: small.min(1),
  hyperparameters: z.array(
    z.strictObject({ name: z.string().min(1), kind, role: z.enum(['scientific', 'nuisance']), domain }),
  ),
  fixed: z.array(z.strictObject({ name: z.string().min(1), kind, value, reason: z.string() })),
  constraints: z.array(z.string()).optional(),
});
const trainer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('built-in') }),
  z.strictObject({ kind: z.literal('ask') }),
  z.strictObject({ kind: z.literal('command'), command: z.array(z.string()).min(1), folder: z.string().optional() }),
  z.strictObject({ kind: z.literal('imported'), source: z.string(), study: z.string(), userAttributes: record }),
]);

export const documentStudy = z.strictObject({
  name: z.string().min(1),
  goal: z.string(),
  state: z.enum(STUDY_STATES),
  phase: z.enum(PHASES),
  data: dataSpec.nullable(),
  splitHash: z.string().nullable(),
  model: z.string(),
  trainer,
  space,
  spaceVersions: z.array(z.strictObject({ space, phase: z.enum(PHASES), firstConfiguration: small })).min(1),
  metrics: z
    .array(z.strictObject({ name: z.string(), direction, split: z.enum(['train', 'validation', 'system']) }))
    .min(1),
  objective: z.strictObject({ metric: z.string(), direction }),
  sampler: samplerSettings,
  pruner: prunerSettings,
  budget: z.strictObject({ trials: small.min(1) }),
  replicates: small.min(1),
  folds: z.array(small).nullable(),
  exploit: z
    .strictObject({
      trials: small.min(1),
      sampler: samplerSettings,
      pruner: prunerSettings,
      override: z.string().nullable(),
    })
    .nullable(),
  from: z.string().nullable(),
  studyGroup: z.strictObject({ name: z.string(), hyperparameter: z.string(), value }).nullable(),
  thresholds: z.record(z.string(), z.record(z.string(), z.number())),
  overrides: z.array(z.strictObject({ question: z.string(), reason: z.string(), by: z.string(), at: z.string() })),
  conclusion: z.string().nullable(),
  parallelism: small.min(1).nullable(),
  keepBest: small.min(1),
  seed: count,
  earlyStopping: earlyStopping.nullable(),
  shuffleLabelsSeed: count.nullable(),
  createdAt: moment,
});
export type DocumentStudy = z.infer<typeof documentStudy>;

const spread = z.strictObject({ minimum: number, mean: number, maximum: number });
const measurement = z.strictObject({
  step: count,
  epoch: z.number(),
  values: z.array(number),
  detail: z
    .strictObject({ trainLoss: z.array(spread), gradientNorm: z.array(spread), clippedShare: z.number() })
    .optional(),
  recordedAt: moment,
});
export const documentEvaluation = evaluationResult.extend({
  split: z.enum(['validation', 'test']),
  step: count,
  reason: z.string().nullable(),
  evaluatedBy: z.string().nullable().default(null),
  isContaminated: z.boolean().default(false),
  evaluatedAt: moment,
});

export const documentTrial = z.strictObject({
  replicate: small,
  seed: count,
  fold: small,
  state: z.enum(TRIAL_STATES),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: small,
  failures: small,
  device: z.string().nullable(),
  fingerprint: record.nullable(),
  runtime: z
    .strictObject({ intraOpThreads: small, interOpThreads: small, xla: z.boolean(), oneDnn: z.boolean() })
    .nullable(),
  weightCount: count.nullable(),
  totalSteps: count.nullable(),
  totalEpochs: number,
  lastStep: count.nullable(),
  bestStep: count.nullable(),
  bestValue: number,
  diagnosis: z.looseObject({ version: z.number() }).nullable(),
  durationMs: count,
  queuedAt: moment,
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
  evaluations: z.array(documentEvaluation),
  measurements: z.array(measurement),
});

export const documentConfiguration = z.strictObject({
  number: small,
  values: z.record(z.string(), value),
  spaceVersion: small,
  samplerNote: z.looseObject({ sampler: z.string(), engineVersion: z.number(), reason: z.string() }),
  objective: number,
  createdAt: moment,
  trials: z.array(documentTrial).min(1),
});
export type DocumentConfiguration = z.infer<typeof documentConfiguration>;
export type DocumentTrial = DocumentConfiguration['trials'][number];
