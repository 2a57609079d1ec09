/** Following studies live, each event once and in order from a cursor on. */
import { findStudy, findTrial, type LiveEvent, type Trial } from '@kinetune/storage';
import { mapIterator } from '../live/map-iterator.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Refused } from './refusal.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

interface Epoch {
  readonly trial: Trial;
  readonly step: number;
  readonly epoch: number;
  readonly values: readonly (number | null)[];
}

const EpochType = builder.objectRef<Epoch>('Epoch').implement({
  description: 'What a trial measured at a step.',
  fields: (t) => ({
    trialId: t.globalID({ resolve: ({ trial }) => ({ id: trial.id, type: TrialType }) }),
    number: t.int({ description: "The trial's number.", resolve: ({ trial }) => trial.number }),
    replicate: t.int({
      description: 'Counts the trials of one configuration from 0.',
      resolve: ({ trial }) => trial.replicate,
    }),
    step: t.field({ type: 'SafeInt', description: 'Optimizer steps since the start.', resolve: ({ step }) => step }),
    epoch: t.exposeFloat('epoch', { description: 'Passes over the training data; may be a fraction.' }),
    values: t.field({
      type: ['Float'],
      nullable: { list: false, items: true },
      description: "In the order of the study's metrics; null where a value is not finite.",
      resolve: ({ values }) => [...values],
    }),
  }),
});

interface Batch<T> {
  readonly cursor: number;
  readonly items: readonly T[];
}

const EpochBatch = builder.objectRef<Batch<Epoch>>('EpochBatch').implement({
  description: 'Epochs that were stored since the batch before. A client that reads slowly gets larger batches.',
  fields: (t) => ({
    cursor: t.field({ type: 'SafeInt', description: 'Go on after it.', resolve: ({ cursor }) => cursor }),
    epochs: t.field({
      type: [EpochType],
      description: 'In the order in which they were stored.',
      resolve: ({ items }) => [...items],
    }),
  }),
});

const TrialBatch = builder.objectRef<Batch<Trial>>('TrialBatch').implement({
  description: 'Trials that changed since the batch before, as they are now, each once.',
  fields: (t) => ({
    cursor: t.field({ type: 'SafeInt', description: 'Go on after it.', resolve: ({ cursor }) => cursor }),
    trials: t.field({ type: [TrialType], description: 'As they are now.', resolve: ({ items }) => [...items] }),
  }),
});

builder.subscriptionFields((t) => ({
  epochs: t.field({
    type: EpochBatch,
    description: 'Epochs of a study, or of one of its trials, as they are stored.',
    args: {
      studyId: t.arg.globalID({ required: true, for: StudyType }),
      trialId: t.arg.globalID({ for: TrialType }),
      after: t.arg({
        type: 'SafeInt',
        description: 'The last cursor that was seen, 0 for all from the beginning; left out: from now on.',
      }),
    },
    subscribe: async (_, { studyId, trialId, after }, { db, feed }) => {
      if (trialId && (await findTrial(db, trialId.id))?.studyId !== studyId.id)
        throw new Refused('unknown-trial', `expected the id of a trial of this study, got ${trialId.id}`, ['trialId']);
      return mapIterator(await follow({ db, feed }, studyId.id, after), (events) => epochsOf(events, trialId?.id));
    },
    resolve: (batch: Batch<Epoch>) => batch,
  }),
  trialUpdates: t.field({
    type: TrialBatch,
    description: 'Trials of a study whenever they change: queued, started, measured, ended.',
    args: {
      studyId: t.arg.globalID({ required: true, for: StudyType }),
      after: t.arg({ type: 'SafeInt' }),
    },
    subscribe: async (_, { studyId, after }, { db, feed }) =>
      mapIterator(await follow({ db, feed }, studyId.id, after), trialsOf),
    resolve: (batch: Batch<Trial>) => batch,
  }),
}));

async function follow({ db, feed }: Pick<Context, 'db' | 'feed'>, studyId: string, after: number | null | undefined) {
  const study = await findStudy(db, studyId);
  if (study === undefined)
    throw new Refused('unknown-study', `expected the id of a study, got ${studyId}: no study has it`, ['studyId']);
  if (typeof after === 'number' && (after < 0 || after > study.eventSequence))
    throw new Refused(
      'bad-cursor',
      `expected a cursor from 0 to ${study.eventSequence}, the last event of ${study.name}, got ${after}`,
      ['after'],
    );
  return feed.follow(studyId, after ?? study.eventSequence);
}

type Events = readonly LiveEvent[];

/** What was made of events for one follower serves all that follow the same: the same object is executed once. */
function onceForAll<T>(make: (events: Events, key: string) => T): (events: Events, key?: string) => T {
  const made = new WeakMap<Events, Map<string, T>>();
  return (events, key = '') => {
    const byKey = made.get(events) ?? new Map<string, T>();
    made.set(events, byKey);
    if (!byKey.has(key)) byKey.set(key, make(events, key));
    return byKey.get(key) as T;
  };
}

const epochsOf = onceForAll((events, trialId): Batch<Epoch> | undefined =>
  batchOf(
    events,
    events.flatMap(({ type, measurement, trial, step }) =>
      type !== 'measurement' || measurement === null || trial === null || step === null
        ? []
        : trialId !== '' && trial.id !== trialId
          ? []
          : [{ trial, step, ...measurement }],
    ),
  ),
);

const trialsOf = onceForAll((events): Batch<Trial> | undefined =>
  batchOf(events, [...new Map(events.flatMap(({ trial }) => (trial === null ? [] : [[trial.id, trial]]))).values()]),
);

function batchOf<T>(events: Events, items: readonly T[]): Batch<T> | undefined {
  const last = events.at(-1);
  return last === undefined || items.length === 0 ? undefined : { cursor: last.sequence, items };
}
