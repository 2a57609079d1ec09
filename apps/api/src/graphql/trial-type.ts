/** Trials. */
import { findTrials, type Trial } from '@kinetune/storage';
import { builder } from './builder.ts';
import { TrialStateEnum } from './enums.ts';

export const TrialType = builder.loadableNodeRef<Trial>('Trial', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findTrials(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Trial[];
  },
});

TrialType.implement({
  description: 'One training of a configuration: one seed, one fold.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Of its configuration, from 0: what people know the trial by.' }),
    replicate: t.exposeInt('replicate', { description: 'Counts the trials of one configuration from 0.' }),
    state: t.field({ type: TrialStateEnum, description: 'Where it is.', resolve: ({ state }) => state }),
    reasonCode: t.exposeString('reasonCode', { nullable: true, description: 'A word for programs: `diverged`.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it ended or was queued again.' }),
    values: t.field({
      type: 'JSON',
      description: 'A value for each active hyperparameter, by full name.',
      resolve: ({ values }) => values,
    }),
    seed: t.field({ type: 'SafeInt', description: 'Of all chance in its training.', resolve: ({ seed }) => seed }),
    fold: t.exposeInt('fold', { description: 'Which people are held out.' }),
    bestValue: t.exposeFloat('bestValue', { nullable: true, description: 'The objective at the best step so far.' }),
    bestStep: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Where it was best so far.',
      resolve: ({ bestStep }) => bestStep,
    }),
    lastStep: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Of its furthest measurement.',
      resolve: ({ lastStep }) => lastStep,
    }),
    totalSteps: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Optimizer steps that it is to train.',
      resolve: ({ totalSteps }) => totalSteps,
    }),
    totalEpochs: t.exposeFloat('totalEpochs', {
      nullable: true,
      description: 'The same in passes over the training data.',
    }),
    weightCount: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Trainable weights.',
      resolve: ({ weightCount }) => weightCount,
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was started.' }),
    device: t.exposeString('device', { nullable: true, description: 'What it computes on, for people.' }),
    queuedAt: t.field({ type: 'DateTime', description: 'Since when it waited.', resolve: ({ queuedAt }) => queuedAt }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of the present or last attempt.',
      resolve: ({ startedAt }) => startedAt,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended.',
      resolve: ({ finishedAt }) => finishedAt,
    }),
    runningMs: t.field({
      type: 'SafeInt',
      description: 'Milliseconds spent training in attempts that are over.',
      resolve: ({ earlierRunningMs }) => earlierRunningMs,
    }),
    fingerprint: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What its result depends on besides the configuration: git commit, hashes, versions, by name.',
      resolve: ({ fingerprint }) => fingerprint,
    }),
    runtime: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Settings of the machine that results may depend on in the last digits: threads, determinism.',
      resolve: ({ runtime }) => runtime,
    }),
  }),
});
