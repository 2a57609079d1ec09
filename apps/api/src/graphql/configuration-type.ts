/** Configurations and their pages. */
import {
  configurationPages,
  configurationPosition,
  countConfigurationsMatching,
  findConfigurations,
  trialsOf,
  type Configuration,
  type ConfigurationFilter,
  type ConfigurationPageOptions,
  type SamplerNote,
} from '@kinetune/storage';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { ConfigurationSortKeyEnum, TrialStateEnum } from './enums.ts';
import { HyperparameterFilterInput, hyperparameterFiltersOf, NumberRangeInput, rangeOf } from './filters.ts';
import { keysetPage, pageComplexity, type CursorForm } from './keyset-connection.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const SamplerNoteType = builder.objectRef<SamplerNote>('SamplerNote').implement({
  description: 'Who proposed a configuration and why, so that the suggestion can be replayed.',
  fields: (t) => ({
    sampler: t.string({ description: "The study's sampler.", resolve: ({ sampler }) => sampler }),
    engine: t.string({
      description: 'What it took for this configuration: `halton`, `gp` ...; the sampler itself unless it chooses.',
      resolve: ({ engine, sampler }) => (typeof engine === 'string' ? engine : sampler),
    }),
    engineVersion: t.int({
      description: 'Another version may propose another configuration from the same history.',
      resolve: ({ engineVersion }) => engineVersion,
    }),
    reason: t.string({ description: 'Why this one, for people.', resolve: ({ reason }) => reason }),
    sequence: t.field({
      type: 'SafeInt',
      nullable: true,
      description: "Of the study's last event that it had seen; null where it looks at none.",
      resolve: ({ sequence }) => sequence ?? null,
    }),
    detail: t.field({
      type: 'JSON',
      description: 'All that it noted.',
      resolve: (note) => note,
    }),
  }),
});

export const ConfigurationType = builder.loadableNodeRef<Configuration>('Configuration', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findConfigurations(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Configuration[];
  },
});

ConfigurationType.implement({
  description: 'A value for each hyperparameter, proposed once by a sampler.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Counts from 0 in each study; people know its trials by it.' }),
    values: t.field({
      type: 'JSON',
      description: 'A value for each active hyperparameter, by full name.',
      resolve: ({ values }) => values,
    }),
    spaceVersion: t.exposeInt('spaceVersion', { description: "Of the study's space that it was drawn from." }),
    samplerNote: t.field({
      type: SamplerNoteType,
      description: 'Who proposed it and why.',
      resolve: ({ samplerNote }) => samplerNote,
    }),
    objective: t.exposeFloat('objective', {
      nullable: true,
      description: "Mean of its trials' best values once all have completed.",
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was proposed.', resolve: (one) => one.createdAt }),
    study: t.field({ type: StudyType, description: 'Whose configuration it is.', resolve: ({ studyId }) => studyId }),
    trials: t.field({
      type: [TrialType],
      description: 'One for each seed and fold, by replicate.',
      complexity: { field: 1, multiplier: 3 },
      resolve: async ({ id }, _, context) => {
        const load = (ids: readonly string[]) => trialsOf(context.db, ids);
        return [...((await batched(context, { name: 'Configuration.trials', id, load })) ?? [])];
      },
    }),
  }),
});

builder.objectField(TrialType, 'configuration', (t) =>
  t.field({
    type: ConfigurationType,
    description: 'What it trains.',
    resolve: ({ configurationId }) => configurationId,
  }),
);

const ConfigurationFilterInput = builder.inputType('ConfigurationFilter', {
  description: 'Configurations that match all that is given.',
  fields: (t) => ({
    states: t.field({ type: [TrialStateEnum], description: 'With a trial in one of these states.' }),
    objective: t.field({ type: NumberRangeInput, description: 'Of the objective; those without one do not match.' }),
    hyperparameters: t.field({ type: [HyperparameterFilterInput], description: 'By values.' }),
  }),
});

const ConfigurationOrderInput = builder.inputType('ConfigurationOrder', {
  description: 'How configurations are sorted; those that are equal by their number.',
  fields: (t) => ({
    by: t.field({ type: ConfigurationSortKeyEnum, required: true, description: 'The key.' }),
    isDescending: t.boolean({ defaultValue: false, description: 'Largest, or latest, first.' }),
  }),
});

builder.objectField(StudyType, 'configurations', (t) =>
  t.connection(
    {
      type: ConfigurationType,
      description: 'By number unless sorted otherwise.',
      args: {
        filter: t.arg({ type: ConfigurationFilterInput, description: 'All unless given.' }),
        order: t.arg({ type: ConfigurationOrderInput, description: 'By number unless given.' }),
      },
      complexity: pageComplexity,
      resolve: async ({ id }, args, context) => {
        const { db } = context;
        const by = args.order?.by ?? 'number';
        const filter = filterOf(args.filter);
        const form: CursorForm = { key: by === 'createdAt' ? 'moment' : 'number', place: ['integer'] };
        const page = await keysetPage(args, {
          form,
          placeOf: (one: Configuration) => configurationPosition(one, by),
          load: async (ends) => {
            const options: ConfigurationPageOptions = {
              filter,
              by,
              isDescending: args.order?.isDescending ?? false,
              ...ends,
            };
            const load = (ids: readonly string[]) => configurationPages(db, ids, options);
            return (await batched(context, { name: 'Study.configurations', options, id, load })) ?? [];
          },
        });
        const count = (ids: readonly string[]) => countConfigurationsMatching(db, ids, filter);
        return {
          ...page,
          totalCount: async () =>
            (await batched(context, { name: 'Study.configurations.totalCount', options: filter, id, load: count })) ??
            0,
        };
      },
    },
    { name: 'ConfigurationConnection' },
    { name: 'ConfigurationEdge' },
  ),
);

function filterOf(input: typeof ConfigurationFilterInput.$inferInput | null | undefined): ConfigurationFilter {
  const { states, objective, hyperparameters } = input ?? {};
  return {
    ...(states ? { states } : {}),
    ...(objective ? { objective: rangeOf(objective) } : {}),
    ...(hyperparameters ? { hyperparameters: hyperparameterFiltersOf(hyperparameters) } : {}),
  };
}
