/** Search spaces: what a study varies and what it holds. */
import type { Domain, FixedHyperparameter, Hyperparameter, Space } from '@kinetune/study';
import { builder } from './builder.ts';
import { KindEnum, RoleEnum, ScaleEnum } from './enums.ts';

type Range = Exclude<Domain, { readonly type: 'categorical' }>;
type Choices = Extract<Domain, { readonly type: 'categorical' }>;

const RangeType = builder.objectRef<Range>('Range').implement({
  description: 'An interval, both ends included.',
  fields: (t) => ({
    isWhole: t.boolean({ description: 'Whole numbers only.', resolve: ({ type }) => type === 'int' }),
    minimum: t.exposeFloat('minimum', { description: 'Lower end.' }),
    maximum: t.exposeFloat('maximum', { description: 'Upper end.' }),
    scale: t.field({ type: ScaleEnum, description: 'In which it is even.', resolve: ({ scale }) => scale }),
    step: t.exposeFloat('step', { nullable: true, description: 'Values are minimum + k step.' }),
  }),
});

const ChoicesType = builder.objectRef<Choices>('Choices').implement({
  description: 'Values without an order.',
  fields: (t) => ({
    choices: t.field({ type: ['JSON'], description: 'Distinct.', resolve: ({ choices }) => [...choices] }),
  }),
});

export const DomainType = builder.unionType('Domain', {
  description: 'What values a hyperparameter may take.',
  types: [RangeType, ChoicesType],
  resolveType: ({ type }) => (type === 'categorical' ? ChoicesType : RangeType),
});

const HyperparameterType = builder.objectRef<Hyperparameter>('Hyperparameter').implement({
  description: 'What a study varies.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Namespaced by its parents where it is conditional: `optimizer=adam/learningRate`.',
    }),
    kind: t.field({ type: KindEnum, description: 'What it does to training.', resolve: ({ kind }) => kind }),
    role: t.field({ type: RoleEnum, description: 'What it is for in this study.', resolve: ({ role }) => role }),
    domain: t.field({ type: DomainType, description: 'Where it is searched.', resolve: ({ domain }) => domain }),
  }),
});

const FixedType = builder.objectRef<FixedHyperparameter>('FixedHyperparameter').implement({
  description: 'What a study holds; every conclusion carries it as a caveat.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Full name.' }),
    kind: t.field({ type: KindEnum, description: 'What it does to training.', resolve: ({ kind }) => kind }),
    value: t.field({ type: 'JSON', description: 'Text, a number or a boolean.', resolve: ({ value }) => value }),
    reason: t.exposeString('reason', { description: 'Why it is not tuned.' }),
  }),
});

export const SpaceType = builder.objectRef<Space>('Space').implement({
  description: 'A search space. Its version counts up when it is widened or refined.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Counts from 1.' }),
    hyperparameters: t.field({
      type: [HyperparameterType],
      description: 'What varies.',
      resolve: ({ hyperparameters }) => [...hyperparameters],
    }),
    fixed: t.field({ type: [FixedType], description: 'What is held.', resolve: ({ fixed }) => [...fixed] }),
    constraints: t.field({
      type: ['String'],
      description: 'What every configuration satisfies.',
      resolve: ({ constraints = [] }) => [...constraints],
    }),
  }),
});
