/** A study's findings, as `kinetune train` and `kinetune study show` print them. */
import { gatherFindings } from '../findings/gather-findings.ts';
import { studyAnalyses, type StudyAnalysis } from '../report/study-analyses.ts';
import { findStudyData } from '../studies/study-data.ts';
import { builder } from './builder.ts';
import { StudyType } from './study-type.ts';

builder.objectField(StudyType, 'findings', (t) =>
  t.field({
    type: 'JSON',
    description: 'What `kinetune study show --json` prints, from the analysis as it is now.',
    complexity: { field: 200 },
    resolve: async (study, _, { db }) => {
      const { report } = (await studyAnalyses(db, [study], { mayBeOld: false })).get(study.id) as StudyAnalysis;
      return gatherFindings(db, study, { data: await findStudyData(db, study), report });
    },
  }),
);
