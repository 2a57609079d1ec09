/** Importing recordings from where the operator allows. */
import { IMPORT_KINDS } from '@kinetune/data';
import { allowedPath } from '../studies/allowed-path.ts';
import { importRecordings, type ImportedRecordings } from '../studies/import-recordings.ts';
import { builder } from './builder.ts';
import { DatasetType } from './dataset-type.ts';
import { readInput } from './input-bounds.ts';
import { Refused, refusing } from './refusal.ts';
import { WindowForm } from './study-form.ts';

const ImportInput = builder.inputType('ImportDatasetInput', {
  description: 'Recordings, and how to read, cut and split them.',
  fields: (t) => ({
    path: t.string({
      required: true,
      description: 'A folder, zip, tar or csv in the home or a folder that the operator allows.',
    }),
    kind: t.string({ description: `One of ${IMPORT_KINDS.join(', ')}; without it told by the layout.` }),
    csv: t.field({ type: 'JSON', description: 'How to read a CSV, as in a study file.' }),
    window: t.field({ type: WindowForm, description: 'How recordings are cut.' }),
    split: t.field({
      type: 'JSON',
      description: 'As in a study file; without it the published split, else five folds by people.',
    }),
    dryRun: t.boolean({ description: 'Look alone: record nothing.' }),
  }),
});

const ImportedType = builder.objectRef<ImportedRecordings>('ImportedDataset').implement({
  description: 'What was imported, or would be.',
  fields: (t) => ({
    dataset: t.field({
      type: DatasetType,
      nullable: true,
      description: 'As it is recorded; null for a dry run.',
      resolve: ({ dataset }) => dataset,
    }),
    inspection: t.field({
      type: 'JSON',
      description: 'Recordings, people, classes, windows, notes of the importer, the split and its audit.',
      resolve: ({ inspection }) => inspection,
    }),
  }),
});

builder.mutationField('importDataset', (t) =>
  t.field({
    type: ImportedType,
    description: 'Imports recordings, audits their split and scores the baselines, for studies to come.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: ImportInput, required: true }) },
    resolve: async (_, { input: request }, { db, home, dataFolders }): Promise<ImportedRecordings> => {
      const input = readInput(request);
      const { kind, csv, window, split, dryRun } = input;
      const path = await refusing(['path'], () => allowedPath(input.path, { home, dataFolders }));
      try {
        return await refusing([], () =>
          importRecordings({ path, kind, csv, window, split, isDryRun: dryRun ?? false }, { db, home }),
        );
      } catch (error) {
        // What the importer says is about the file.
        if (error instanceof Refused && error.field.length === 0)
          throw new Refused(error.code, error.message, ['path']);
        throw error;
      }
    },
  }),
);
