/** Studies. */
import { countTrialsOf, findStudies, findStudyByName, listStudies, type Study } from '@kinetune/storage';
import { TRIAL_STATES, type Metric, type Objective, type TrialState } from '@kinetune/study';
import { resolveArrayConnection } from '@pothos/plugin-relay';
import { builder } from './builder.ts';
import { DirectionEnum, PhaseEnum, StudyStateEnum, TrialStateEnum } from './enums.ts';
import { SpaceType } from './space-types.ts';

const ObjectiveType = builder.objectRef<Objective>('Objective').implement({
  description: 'The validation metric that a study is after.',
  fields: (t) => ({
    metric: t.exposeString('metric'),
    direction: t.field({ type: DirectionEnum, resolve: ({ direction }) => direction }),
  }),
});

const MetricType = builder.objectRef<Metric>('Metric').implement({
  description: 'What every measurement of a study holds a value of.',
  fields: (t) => ({
    name: t.exposeString('name'),
    direction: t.field({ type: DirectionEnum, resolve: ({ direction }) => direction }),
    split: t.exposeString('split', { description: '`train`, `validation` or `system`.' }),
  }),
});

interface StateCount {
  readonly state: TrialState;
  readonly count: number;
}

const StateCountType = builder.objectRef<StateCount>('TrialStateCount').implement({
  fields: (t) => ({
    state: t.field({ type: TrialStateEnum, resolve: ({ state }) => state }),
    count: t.exposeInt('count'),
  }),
});

export const StudyType = builder.loadableNodeRef<Study>('Study', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findStudies(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Study[];
  },
});

StudyType.implement({
  description: 'One goal on one data set and model family: a search space, an objective, a budget.',
  fields: (t) => ({
    name: t.exposeString('name'),
    goal: t.exposeString('goal', { description: 'The one question that it answers.' }),
    phase: t.field({ type: PhaseEnum, resolve: ({ phase }) => phase }),
    state: t.field({ type: StudyStateEnum, resolve: ({ state }) => state }),
    model: t.exposeString('model', { description: 'Model family.' }),
    data: t.field({
      type: 'JSON',
      description: 'Recordings, windows and the split by people.',
      resolve: ({ data }) => data,
    }),
    space: t.field({ type: SpaceType, resolve: ({ space }) => space }),
    objective: t.field({ type: ObjectiveType, resolve: ({ objective }) => objective }),
    metrics: t.field({ type: [MetricType], resolve: ({ metrics }) => [...metrics] }),
    sampler: t.field({ type: 'JSON', resolve: ({ sampler }) => sampler }),
    pruner: t.field({ type: 'JSON', resolve: ({ pruner }) => pruner }),
    budget: t.int({ description: 'Configurations to propose.', resolve: ({ budget }) => budget.trials }),
    parallelism: t.exposeInt('parallelism', {
      nullable: true,
      description: 'Trials at once; null: as many as there are slots.',
    }),
    replicates: t.exposeInt('replicates', {
      description: 'Trials of each configuration that differ in their seed alone.',
    }),
    seed: t.field({ type: 'SafeInt', resolve: ({ seed }) => seed }),
    conclusion: t.exposeString('conclusion', { nullable: true, description: 'What was learned.' }),
    cursor: t.field({
      type: 'SafeInt',
      description: 'Sequence of its last event: subscribe after it to miss nothing.',
      resolve: ({ eventSequence }) => eventSequence,
    }),
    trialCounts: t.loadableList({
      type: StateCountType,
      description: 'How many trials are in each state.',
      load: async (ids: string[], { db }) => {
        const counts = await countTrialsOf(db, ids);
        return ids.map((id) => TRIAL_STATES.map((state) => ({ state, count: counts.get(id)?.[state] ?? 0 })));
      },
      resolve: ({ id }) => id,
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    updatedAt: t.field({ type: 'DateTime', resolve: ({ updatedAt }) => updatedAt }),
  }),
});

builder.queryFields((t) => ({
  study: t.field({
    type: StudyType,
    nullable: true,
    description: 'A study by its name.',
    args: { name: t.arg.string({ required: true }) },
    resolve: async (_, { name }, { db }) => (await findStudyByName(db, name)) ?? null,
  }),
  studies: t.connection({
    type: StudyType,
    description: 'The latest first.',
    resolve: async (_, args, { db }) => {
      const studies = [...(await listStudies(db))].reverse();
      return { ...resolveArrayConnection({ args }, studies), totalCount: studies.length };
    },
  }),
}));
