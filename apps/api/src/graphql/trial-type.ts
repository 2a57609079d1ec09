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
    state: t.field({ type: TrialStateEnum, resolve: ({ state }) => state }),
    reasonCode: t.exposeString('reasonCode', { nullable: true, description: 'A word for programs: `diverged`.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it ended or was queued again.' }),
    values: t.field({
      type: 'JSON',
      description: 'A value for each active hyperparameter, by full name.',
      resolve: ({ values }) => values,
    }),
    seed: t.field({ type: 'SafeInt', resolve: ({ seed }) => seed }),
    fold: t.exposeInt('fold'),
    bestValue: t.exposeFloat('bestValue', { nullable: true, description: 'The objective at the best step so far.' }),
    bestStep: t.field({ type: 'SafeInt', nullable: true, resolve: ({ bestStep }) => bestStep }),
    lastStep: t.field({ type: 'SafeInt', nullable: true, resolve: ({ lastStep }) => lastStep }),
    totalSteps: t.field({ type: 'SafeInt', nullable: true, resolve: ({ totalSteps }) => totalSteps }),
    totalEpochs: t.exposeFloat('totalEpochs', { nullable: true }),
    weightCount: t.field({ type: 'SafeInt', nullable: true, resolve: ({ weightCount }) => weightCount }),
    attempts: t.exposeInt('attempts', { description: 'How often it was started.' }),
    device: t.exposeString('device', { nullable: true }),
    queuedAt: t.field({ type: 'DateTime', resolve: ({ queuedAt }) => queuedAt }),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ startedAt }) => startedAt }),
    finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ finishedAt }) => finishedAt }),
  }),
});
