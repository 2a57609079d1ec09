/** What a study keeps on disk. */
import { measureStudy, type StudyFiles } from '../studies/study-files.ts';
import { builder } from './builder.ts';
import { StudyType } from './study-type.ts';

const StudyFilesType = builder.objectRef<StudyFiles>('StudyFiles').implement({
  description: 'What would go with a study that is deleted.',
  fields: (t) => ({
    checkpoints: t.exposeInt('checkpoints', { description: 'Kept by its trials.' }),
    bytes: t.float({ description: 'Of checkpoints and logs.', resolve: ({ bytes }) => bytes }),
  }),
});

builder.objectField(StudyType, 'files', (t) =>
  t.field({
    type: StudyFilesType,
    description: 'What it keeps in the store, counted on the disk.',
    // The folders of all its trials are looked at.
    complexity: 1000,
    resolve: (study, _, { db, store }): Promise<StudyFiles> => measureStudy(db, study, store),
  }),
);
