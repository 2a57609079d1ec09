/** Pages of the studies: filtered and sorted by the database. */
import { countStudiesMatching, studyPage, studyPosition, type Study, type StudyFilter } from '@kinetune/storage';
import { builder } from './builder.ts';
import { PhaseEnum, StudySortKeyEnum, StudyStateEnum } from './enums.ts';
import { keysetPage, pageComplexity, type CursorForm } from './keyset-connection.ts';
import { StudyType } from './study-type.ts';

const StudyFilterInput = builder.inputType('StudyFilter', {
  description: 'Studies that match all that is given.',
  fields: (t) => ({
    states: t.field({ type: [StudyStateEnum], description: 'In one of these states.' }),
    phases: t.field({ type: [PhaseEnum], description: 'In one of these phases.' }),
    models: t.stringList({ description: 'Of one of these model families, or what a command trains.' }),
    nameContains: t.string({ description: 'Part of the name, upper and lower case alike.' }),
  }),
});

const StudyOrderInput = builder.inputType('StudyOrder', {
  description: 'How studies are sorted; those that are equal by their name.',
  fields: (t) => ({
    by: t.field({ type: StudySortKeyEnum, required: true, description: 'The key.' }),
    isDescending: t.boolean({ defaultValue: false, description: 'Latest, or last of the alphabet, first.' }),
  }),
});

builder.queryField('studies', (t) =>
  t.connection(
    {
      type: StudyType,
      description: 'The latest first unless sorted otherwise.',
      args: {
        isArchived: t.arg.boolean({
          defaultValue: false,
          description: 'false: those in use; true: those put away; null: both.',
        }),
        filter: t.arg({ type: StudyFilterInput, description: 'All unless given.' }),
        order: t.arg({ type: StudyOrderInput, description: 'The latest first unless given.' }),
      },
      complexity: pageComplexity,
      resolve: async (_, args, { db }) => {
        const by = args.order?.by ?? 'createdAt';
        const isDescending = args.order ? (args.order.isDescending ?? false) : true;
        const filter = filterOf(args.filter, args.isArchived);
        const form: CursorForm = { key: by === 'name' ? 'text' : 'moment', place: ['text'] };
        const page = await keysetPage(args, {
          form,
          placeOf: (study: Study) => studyPosition(study, by),
          load: (ends) => studyPage(db, { filter, by, isDescending, ...ends }),
        });
        return { ...page, totalCount: () => countStudiesMatching(db, filter) };
      },
    },
    { name: 'StudyConnection' },
    { name: 'StudyEdge' },
  ),
);

function filterOf(
  input: typeof StudyFilterInput.$inferInput | null | undefined,
  isArchived: boolean | null | undefined,
): StudyFilter {
  const { states, phases, models, nameContains } = input ?? {};
  return {
    ...(states ? { states } : {}),
    ...(phases ? { phases } : {}),
    ...(models ? { models } : {}),
    ...(typeof nameContains === 'string' ? { nameContains } : {}),
    ...(typeof isArchived === 'boolean' ? { isArchived } : {}),
  };
}
