/** Model families and their hyperparameters, as the catalogue has them. */
import {
  modelFamilies,
  type HyperparameterDefinition,
  type ModelFamily,
  type TextDomain,
} from '@kinetune/models/catalogue';
import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';
import { KindEnum } from './enums.ts';
import { DomainType } from './space-types.ts';

const TextFormType = builder.objectRef<TextDomain>('TextForm').implement({
  description: 'Free text of a given form.',
  fields: (t) => ({
    pattern: t.exposeString('pattern', { description: 'A regular expression that the whole value matches.' }),
    example: t.exposeString('example', { description: 'A value of the form.' }),
  }),
});

const DefinitionType = builder.objectRef<HyperparameterDefinition>('HyperparameterDefinition').implement({
  description: 'A built-in hyperparameter.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As study files name it.' }),
    kind: t.field({ type: KindEnum, description: 'What it does to training.', resolve: ({ kind }) => kind }),
    description: t.exposeString('description', { description: 'What it is.' }),
    unit: t.exposeString('unit', { nullable: true, description: 'Of its values.' }),
    domain: t.field({
      type: DomainType,
      nullable: true,
      description: 'Every value that is possible; null for text, whose form is `text`.',
      resolve: ({ domain }) => (domain.type === 'text' ? null : domain),
    }),
    text: t.field({
      type: TextFormType,
      nullable: true,
      description: 'The form of values that are text.',
      resolve: ({ domain }) => (domain.type === 'text' ? domain : null),
    }),
    search: t.field({
      type: DomainType,
      nullable: true,
      description: 'Where to start a search; null where searching it seldom pays.',
      resolve: ({ search }) => search ?? null,
    }),
    default: t.field({ type: 'JSON', description: 'Its value unless stated.', resolve: (one) => one.default }),
    originalName: t.exposeString('originalName', {
      nullable: true,
      description: "Its name in the original study's code.",
    }),
  }),
});

const ShapeInput = builder.inputType('ModelShape', {
  description: 'What a model is built for.',
  fields: (t) => ({
    windowLength: t.int({ required: true, description: 'Samples in a window.' }),
    channelCount: t.int({ required: true, description: 'Channels of a recording.' }),
    classCount: t.int({ required: true, description: 'Classes to tell apart.' }),
  }),
});

interface BuiltModel {
  readonly problems: readonly string[];
  readonly weightCount: number | null;
  readonly floatingPointOperationsPerWindow: number | null;
}

const BuiltModelType = builder.objectRef<BuiltModel>('BuiltModel').implement({
  description: 'A model with given hyperparameters for given data.',
  fields: (t) => ({
    problems: t.exposeStringList('problems', { description: 'Why it cannot be built; empty where it can.' }),
    weightCount: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Trainable weights; null where it cannot be built.',
      resolve: ({ weightCount }) => weightCount,
    }),
    floatingPointOperationsPerWindow: t.exposeFloat('floatingPointOperationsPerWindow', {
      nullable: true,
      description: "Of one window's forward pass; a training step takes about three times as many for each window.",
    }),
  }),
});

const ModelType = builder.objectRef<ModelFamily>('Model');
builder.node(ModelType, {
  id: { resolve: ({ name }) => name },
  isTypeOf: (value) => modelFamilies.includes(value as ModelFamily),
  loadMany: (names) => names.map((name) => modelFamilies.find((family) => family.name === name) ?? null),
  description: 'A model family: what can be tuned of it, and what a choice costs.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As study files name it.' }),
    title: t.exposeString('title', { description: 'For people.' }),
    description: t.exposeString('description', { description: 'What it is and where it comes from.' }),
    hyperparameters: t.field({
      type: [DefinitionType],
      description: "All that can be tuned: the model's own and those of training.",
      complexity: { field: 1, multiplier: 10 },
      resolve: ({ hyperparameters }) => [...hyperparameters],
    }),
    built: t.field({
      type: BuiltModelType,
      description: 'What it is with these values.',
      args: {
        values: t.arg({ type: 'JSON', required: true, description: 'By name; what is missing takes its default.' }),
        shape: t.arg({ type: ShapeInput, required: true, description: 'The data.' }),
      },
      resolve: (family, { values, shape }) => built(family, values, shape),
    }),
  }),
});

function built(family: ModelFamily, given: unknown, shape: typeof ShapeInput.$inferInput): BuiltModel {
  const values = hyperparameterValues(given);
  const problems = Object.values(shape).every((size) => size > 0)
    ? family.validate(values, shape)
    : [`expected windows, channels and classes of at least 1, got ${Object.values(shape).join(', ')}`];
  if (problems.length > 0) return { problems, weightCount: null, floatingPointOperationsPerWindow: null };
  return {
    problems,
    weightCount: family.weightCount(values, shape),
    floatingPointOperationsPerWindow: family.floatingPointOperationsPerWindow(values, shape),
  };
}

function hyperparameterValues(given: unknown): Parameters<ModelFamily['validate']>[0] {
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (!isRecord || Object.values(given).some((value) => !['string', 'number', 'boolean'].includes(typeof value)))
    throw new GraphQLError('expected values by name, each a text, a number or a boolean', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  return given as Parameters<ModelFamily['validate']>[0];
}

builder.queryFields((t) => ({
  models: t.field({
    type: [ModelType],
    description: 'All model families.',
    complexity: { field: 1, multiplier: 3 },
    resolve: () => [...modelFamilies],
  }),
  model: t.field({
    type: ModelType,
    nullable: true,
    description: 'A model family by its name.',
    args: { name: t.arg.string({ required: true, description: '`cnn1d`, `vit1d`, `conv-transformer`.' }) },
    resolve: (_, { name }) => modelFamilies.find((family) => family.name === name) ?? null,
  }),
}));
