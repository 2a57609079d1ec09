/** What studies are made of. */
import type { Override, SpaceVersion, StudyGroup } from '@kinetune/storage';
import type { Metric, Objective, TrialState } from '@kinetune/study';
import { builder } from './builder.ts';
import { DirectionEnum, PhaseEnum, TrialStateEnum } from './enums.ts';
import { SpaceType } from './space-types.ts';

export const ObjectiveType = builder.objectRef<Objective>('Objective').implement({
  description: 'The validation metric that a study is after.',
  fields: (t) => ({
    metric: t.exposeString('metric', { description: 'By name.' }),
    direction: t.field({ type: DirectionEnum, description: 'What is better.', resolve: ({ direction }) => direction }),
  }),
});

export const MetricType = builder.objectRef<Metric>('Metric').implement({
  description: 'What every measurement of a study holds a value of.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the study.' }),
    direction: t.field({ type: DirectionEnum, description: 'What is better.', resolve: ({ direction }) => direction }),
    split: t.exposeString('split', { description: '`train`, `validation` or `system`.' }),
  }),
});

interface StateCount {
  readonly state: TrialState;
  readonly count: number;
}

export const StateCountType = builder.objectRef<StateCount>('TrialStateCount').implement({
  description: 'How many trials are in a state.',
  fields: (t) => ({
    state: t.field({ type: TrialStateEnum, description: 'The state.', resolve: ({ state }) => state }),
    count: t.exposeInt('count', { description: 'Trials in it.' }),
  }),
});

export const SpaceVersionType = builder.objectRef<SpaceVersion>('SpaceVersion').implement({
  description: 'A space that configurations were drawn from.',
  fields: (t) => ({
    space: t.field({ type: SpaceType, description: 'As it was then.', resolve: ({ space }) => space }),
    phase: t.field({ type: PhaseEnum, description: 'What it was searched for.', resolve: ({ phase }) => phase }),
    firstConfiguration: t.exposeInt('firstConfiguration', {
      description: 'Number of the first configuration drawn from it; it ends where the next version begins.',
    }),
  }),
});

export const StudyGroupType = builder.objectRef<StudyGroup>('StudyGroup').implement({
  description: 'Studies that differ in one choice alone and have the same configurations of the rest.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Of the group.' }),
    hyperparameter: t.exposeString('hyperparameter', { description: 'Full name of the choice.' }),
    value: t.field({ type: 'JSON', description: 'What this study chose.', resolve: ({ value }) => value }),
  }),
});

export const OverrideType = builder.objectRef<Override>('Override').implement({
  description: 'A question before believing a result that is passed over, and why.',
  fields: (t) => ({
    question: t.exposeString('question', { description: 'For programs: `enough-points` ...' }),
    reason: t.exposeString('reason', { description: 'Why the result holds all the same.' }),
    by: t.exposeString('by', { description: 'Who said so.' }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => new Date(at) }),
  }),
});
