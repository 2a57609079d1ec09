/** Data sets that were imported. */
import { datasetId, findDatasets, listDatasets, type Dataset } from '@kinetune/storage';
import type { DataSummary } from '../studies/data-summary.ts';
import { builder } from './builder.ts';

interface ClassCount {
  readonly label: string;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

const ClassCountType = builder.objectRef<ClassCount>('ClassCount').implement({
  description: 'Windows of a class in each part of the split.',
  fields: (t) => ({
    label: t.exposeString('label', { description: 'The class.' }),
    train: t.exposeInt('train', { description: 'Windows of the people who are trained on.' }),
    validation: t.exposeInt('validation', { description: 'Windows of the people who trials are compared on.' }),
    test: t.exposeInt('test', { description: 'Windows of the people who are looked at once.' }),
  }),
});

const SplitPeopleType = builder.objectRef<DataSummary['people']>('SplitPeople').implement({
  description: 'Which people are in which part of the split.',
  fields: (t) => ({
    train: t.stringList({ description: 'Trained on.', resolve: ({ train }) => [...train] }),
    validation: t.stringList({ description: 'Compared on.', resolve: ({ validation }) => [...validation] }),
    test: t.stringList({ description: 'Looked at once.', resolve: ({ test }) => [...test] }),
  }),
});

/** What importers wrote: an older summary may lack a part. */
function summaryOf({ summary }: Dataset): Partial<DataSummary> {
  return summary;
}

export const DatasetType = builder.loadableNodeRef<Dataset>('Dataset', {
  id: { resolve: (dataset) => datasetId(dataset) },
  load: async (ids: string[], { db }) => {
    const found = await findDatasets(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Dataset[];
  },
});

DatasetType.implement({
  description: 'Recordings as they were imported, cut into windows and split by people.',
  fields: (t) => ({
    name: t.string({ description: 'For people.', resolve: (set) => summaryOf(set).name ?? set.spec.dataset }),
    contentHash: t.exposeString('contentHash', { description: 'sha256 of what was imported.' }),
    splitHash: t.exposeString('splitHash', { nullable: true, description: 'Of the split manifest.' }),
    spec: t.field({
      type: 'JSON',
      description: 'Recordings, windows and split, as a study file has them.',
      resolve: ({ spec }) => spec,
    }),
    citation: t.string({
      nullable: true,
      description: 'Who recorded it.',
      resolve: (set) => summaryOf(set).citation ?? null,
    }),
    isSynthetic: t.exposeBoolean('isSynthetic', { description: 'Generated and not recorded.' }),
    isLeaking: t.exposeBoolean('isLeaking', {
      description: 'People or samples are on both sides of the split: every result on it is marked.',
    }),
    windowCount: t.int({ nullable: true, description: 'Windows.', resolve: (set) => summaryOf(set).windows ?? null }),
    windowLength: t.int({
      nullable: true,
      description: 'Samples in a window.',
      resolve: (set) => summaryOf(set).windowLength ?? null,
    }),
    sampleRateHz: t.float({
      nullable: true,
      description: 'Samples a second.',
      resolve: (set) => summaryOf(set).sampleRateHz ?? null,
    }),
    recordingCount: t.int({
      nullable: true,
      description: 'Recordings.',
      resolve: (set) => summaryOf(set).recordings ?? null,
    }),
    channels: t.stringList({ description: 'In order.', resolve: (set) => [...(summaryOf(set).channels ?? [])] }),
    classes: t.field({
      type: [ClassCountType],
      description: 'In the order of their indices.',
      resolve: (set) => [...classCounts(summaryOf(set))],
    }),
    people: t.field({
      type: SplitPeopleType,
      nullable: true,
      description: 'Who is held out.',
      resolve: (set) => summaryOf(set).people ?? null,
    }),
    audit: t.stringList({
      description: 'What the leak audit says, a sentence each.',
      resolve: (set) => [...(summaryOf(set).audit ?? [])],
    }),
    notes: t.stringList({
      description: 'What the importer met: malformed lines, gaps.',
      resolve: (set) => [
        ...(summaryOf(set).importNotes ?? []).map(({ message, count }) =>
          count > 1 ? `${message} (${count} times)` : message,
        ),
        ...(summaryOf(set).splitNotes ?? []),
      ],
    }),
    baselines: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Results of the baselines by name; null until they have run.',
      resolve: ({ baselines }) => baselines,
    }),
    importedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ importedAt }) => importedAt }),
  }),
});

function classCounts({ labels = [], classCounts: counts }: Partial<DataSummary>): readonly ClassCount[] {
  return labels.map((label, index) => ({
    label,
    train: counts?.train[index] ?? 0,
    validation: counts?.validation[index] ?? 0,
    test: counts?.test[index] ?? 0,
  }));
}

builder.queryField('datasets', (t) =>
  t.field({
    type: [DatasetType],
    description: 'The latest first.',
    complexity: { field: 1, multiplier: 10 },
    resolve: async (_, __, { db }) => [...(await listDatasets(db))],
  }),
);
