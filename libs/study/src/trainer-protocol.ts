/**
 * The trainer protocol, version 1: one JSON message a line, to the trainer on file descriptor 3 and from it on 4; its stdout
 * and stderr are the trial's log. Written down for people in docs/trainer-protocol.md.
 *
 *   agent                     trainer
 *                    <------  ready
 *   start            ------>
 *                    <------  started, measurement ..., (one of) completed | infeasible | failed | stopped
 *   stop             ------>  (answers with `stopped` once its state is durable)
 *   evaluate         ------>  (between trials; answers with `evaluated` or `failed`)
 *   shutdown         ------>  (exits 0)
 *
 * A trainer works on one trial at a time and is given another after the end of one, unless its `ready` says that a process of it
 * is for one trial. End of input is `shutdown`.
 */
import { z } from 'zod';
import { earlyStopping } from './early-stopping.ts';
import { DIRECTIONS } from './metric.ts';

export const TRAINER_PROTOCOL_VERSION = 1;

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const finiteOrNull = z.number().nullable();
const spread = z.strictObject({ minimum: finiteOrNull, mean: finiteOrNull, maximum: finiteOrNull });

/** How the process computes; part of a trial's fingerprint because it moves results in the last digits. */
export const runtimeSettings = z.strictObject({
  intraOpThreads: z.int().positive(),
  interOpThreads: z.int().positive(),
  xla: z.boolean(),
  oneDnn: z.boolean(),
});
export type RuntimeSettings = z.infer<typeof runtimeSettings>;

/** Where the built-in trainer finds windows, and who is in which part. Files belong to the agent's machine. */
export const builtInData = z.strictObject({
  windowsFile: z.string(),
  /** The split manifest's file (JSON, libs/data). */
  splitFile: z.string(),
  shuffleLabelsSeed: z
    .int()
    .min(0)
    .optional()
    .describe('Permute the labels of each part by this seed: a control that must not learn.'),
});

export const startMessage = z.strictObject({
  type: z.literal('start'),
  protocol: z.literal(TRAINER_PROTOCOL_VERSION),
  trial: z.strictObject({ id: z.string(), study: z.string(), number: z.int().min(0), attempt: z.int().min(1) }),
  /** Every hyperparameter under its leaf name, fixed ones included. */
  configuration: values,
  seed: z.int().min(0),
  fold: z.int().min(0),
  /** Model family for the built-in trainer; a name of the study's own for a command. */
  model: z.string(),
  objective: z.strictObject({ metric: z.string(), direction: z.enum(DIRECTIONS) }),
  /** Metric names a measurement may carry. */
  metrics: z.array(z.string()),
  data: builtInData.optional(),
  /** Exists, belongs to this trial alone, and outlives the process. */
  checkpointFolder: z.string(),
  /**
   * The last measured step that the agent knows. The trainer continues from the newest undamaged state in checkpointFolder and
   * first sends again the measurements after this step that it already has. 0: the agent knows of none, but an earlier attempt
   * may have left a state; absent: from the beginning.
   */
  resumeFromStep: z.int().min(0).optional(),
  keepBest: z.int().min(1).default(1).describe('How many best checkpoints to keep.'),
  earlyStopping: earlyStopping.optional(),
});
export type StartMessage = z.infer<typeof startMessage>;

export const stopMessage = z.strictObject({
  type: z.literal('stop'),
  reason: z.enum(['cancelled', 'pruned', 'shutdown']),
});
/** Looks at the test people with a model that was kept; only to a trainer whose `ready` says that it can. */
export const evaluateMessage = z.strictObject({
  type: z.literal('evaluate'),
  protocol: z.literal(TRAINER_PROTOCOL_VERSION),
  trial: z.strictObject({ id: z.string(), study: z.string(), number: z.int().min(0) }),
  /** The trial's own; nothing is written there. */
  checkpointFolder: z.string(),
  /** Of the model. */
  step: z.int().min(0),
  data: builtInData,
});
export type EvaluateMessage = z.infer<typeof evaluateMessage>;

export const shutdownMessage = z.strictObject({ type: z.literal('shutdown') });

export const messageToTrainer = z.discriminatedUnion('type', [
  startMessage,
  stopMessage,
  evaluateMessage,
  shutdownMessage,
]);
export type MessageToTrainer = z.infer<typeof messageToTrainer>;

export const evaluationResult = z.strictObject({
  /** Rows are true labels, columns predictions. */
  confusionMatrix: z.array(z.array(z.int().min(0))),
  perSubject: z.array(z.strictObject({ subject: z.string(), correct: z.int().min(0), count: z.int().min(0) })),
});
export type EvaluationResult = z.infer<typeof evaluationResult>;

export const readyMessage = z.strictObject({
  type: z.literal('ready'),
  protocol: z.literal(TRAINER_PROTOCOL_VERSION),
  name: z.string(),
  device: z.string().describe('What it computes on, for people: `CPU, 1 thread`.'),
  runtime: runtimeSettings.optional(),
  trialsPerProcess: z
    .enum(['one', 'many'])
    .optional()
    .describe('one: it exits after the outcome of its trial, and the next trial gets a new process. Absent: many.'),
  canEvaluate: z.boolean().optional().describe('It understands `evaluate`. Absent: it does not.'),
});

export const startedMessage = z.strictObject({
  type: z.literal('started'),
  totalSteps: z.int().positive().optional(),
  totalEpochs: z.number().positive().optional(),
  weightCount: z.int().min(0).optional(),
  resumedFromStep: z.int().min(0).default(0),
});

export const measurementMessage = z.strictObject({
  type: z.literal('measurement'),
  step: z.int().min(0),
  epoch: z.number().min(0),
  values: z.record(z.string(), finiteOrNull),
  detail: z
    .strictObject({
      trainLoss: z.array(spread).max(16),
      gradientNorm: z.array(spread).max(16),
      clippedShare: z.number().min(0).max(1),
    })
    .optional(),
  /** Evaluation behind these values, sent when they are the best so far. */
  evaluation: evaluationResult.optional(),
  /** The state to resume from is durable in checkpointFolder before this is sent, or false: then a resume repeats the step. */
  isResumable: z.boolean().default(true),
});
export type MeasurementMessage = z.infer<typeof measurementMessage>;

export const progressMessage = z.strictObject({
  type: z.literal('progress'),
  epoch: z.number().min(0).describe('Passes over the training data so far, a fraction.'),
  trainLoss: finiteOrNull.optional(),
});

export const completedMessage = z.strictObject({
  type: z.literal('completed'),
  bestStep: z.int().min(0),
  bestValue: z.number(),
  /** Why it ended before its last epoch, where it did. */
  reason: z.string().optional(),
});

export const infeasibleMessage = z.strictObject({
  type: z.literal('infeasible'),
  /** `diverged`, `invalid-configuration`, `out-of-memory`, or a trainer's own word. */
  code: z.string(),
  reason: z.string(),
  epoch: z.number().min(0).optional(),
});

export const failedMessage = z.strictObject({ type: z.literal('failed'), reason: z.string() });
export const stoppedMessage = z.strictObject({ type: z.literal('stopped'), step: z.int().min(0) });

/** What `evaluate` found on the test people. */
export const evaluatedMessage = z.strictObject({
  type: z.literal('evaluated'),
  step: z.int().min(0),
  evaluation: evaluationResult,
});

export const messageFromTrainer = z.discriminatedUnion('type', [
  readyMessage,
  startedMessage,
  progressMessage,
  measurementMessage,
  completedMessage,
  infeasibleMessage,
  failedMessage,
  stoppedMessage,
  evaluatedMessage,
]);
export type MessageFromTrainer = z.infer<typeof messageFromTrainer>;
