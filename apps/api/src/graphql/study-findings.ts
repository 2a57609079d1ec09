/** A study's findings, as `kinetune train` and `kinetune study show` print them. */
import { gatherFindings } from '../findings/gather-findings.ts';
import { findStudyData } from '../studies/study-data.ts';
import { builder } from './builder.ts';
import { StudyType } from './study-type.ts';

builder.objectField(StudyType, 'findings', (t) =>
  t.field({
    type: 'JSON',
    description:
      'What `kinetune study show --json` prints. Computed at each request: of a study of ten thousand trials it takes seconds.',
    complexity: { field: 200 },
    resolve: async (study, _, { db }) => gatherFindings(db, study, { data: await findStudyData(db, study) }),
  }),
);
