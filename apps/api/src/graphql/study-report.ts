/** What `kinetune report` and `kinetune study refine` write. */
import { gatherReport } from '../report/gather-report.ts';
import { studyAnalyses, type StudyAnalysis } from '../report/study-analyses.ts';
import { writeReport, type ReportOf, type WrittenReport } from '../report/written-report.ts';
import { refineStudy, type RefinedStudy } from '../studies/refine-study.ts';
import { builder } from './builder.ts';
import { Refused, refusing } from './refusal.ts';
import { StudyType } from './study-type.ts';

const WrittenReportType = builder.objectRef<WrittenReport>('WrittenReport').implement({
  description: 'What was found, whether it may be believed, and what to do next.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Of the study or the group.' }),
    markdown: t.exposeString('markdown', { description: 'For people.' }),
    report: t.field({ type: 'JSON', description: 'The same for programs.', resolve: ({ report }) => report }),
  }),
});

const RefinedStudyType = builder.objectRef<RefinedStudy>('RefinedStudy').implement({
  description: 'A study that exploits what another one explored.',
  fields: (t) => ({
    yaml: t.exposeString('yaml', { description: 'Its study file.' }),
    override: t.exposeString('override', {
      nullable: true,
      description: 'Why it goes on although the check fails; null: it does not, or nobody said so.',
    }),
    check: t.field({ type: 'JSON', description: 'The check of the refined space.', resolve: ({ check }) => check }),
  }),
});

const errors = { types: [Refused] };
const complexity = { field: 200 };

/** The analysis that is kept; compared with a baseline it is another one. */
const reportOf: ReportOf = async (db, study, options) => {
  if (options?.baseline !== undefined) return gatherReport(db, study, options);
  const { report } = (await studyAnalyses(db, [study], { mayBeOld: false })).get(study.id) as StudyAnalysis;
  return report;
};

builder.queryField('report', (t) =>
  t.field({
    type: WrittenReportType,
    description: 'The report of a study or of a study group, from the analysis as it is now.',
    errors,
    complexity,
    args: {
      name: t.arg.string({ description: 'Of a study or a study group; the latest study unless stated.' }),
      baseline: t.arg.int({
        description: 'Number of the trial whose configuration is in use: the best replicated one is compared with it.',
      }),
    },
    resolve: (_, { name, baseline }, { db }) =>
      refusing(['name'], () => writeReport(db, { name: name ?? undefined, baseline: baseline ?? undefined, reportOf })),
  }),
);

builder.objectField(StudyType, 'refined', (t) =>
  t.field({
    type: RefinedStudyType,
    description:
      'The study that exploits what this one explored; refused while its boundaries or its best region are in doubt.',
    errors,
    complexity,
    args: {
      override: t.arg.string({ description: 'Why to exploit the space as it was explored although the checks fail.' }),
      trials: t.arg.int({ description: 'Its budget; that of the study unless stated.' }),
    },
    resolve: (study, { override, trials }, { db }) =>
      refusing([], () =>
        refineStudy(db, study, { override: override ?? undefined, trials: trials ?? undefined, reportOf }),
      ),
  }),
);
