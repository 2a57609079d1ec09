/** The analysis of a study: every check with its evidence, the checklist, and what to do next. */
import { QUESTIONS, type Checklist, type ReportTrial, type RoundReport } from '@kinetune/search';
import { findStudies } from '@kinetune/storage';
import { reportChecks } from '../report/report-checks.ts';
import { studyAnalyses, type StudyAnalysis } from '../report/study-analyses.ts';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { CheckType, NextStepType } from './check-type.ts';
import { CheckStatusEnum } from './enums.ts';
import { StudyType } from './study-type.ts';

type Answer = Checklist['answers'][number];

interface StudyAnswer extends Answer {
  readonly studyId: string;
}

const AnswerType = builder.objectRef<StudyAnswer>('Answer').implement({
  description: 'One of the questions before a study may be believed, with its answer.',
  fields: (t) => ({
    id: t.exposeString('id', { description: `For programs: ${Object.keys(QUESTIONS).join(', ')}.` }),
    question: t.exposeString('question', { description: 'For people.' }),
    status: t.field({
      type: CheckStatusEnum,
      description: 'The gravest of its parts.',
      resolve: ({ status }) => status,
    }),
    isLocking: t.exposeBoolean('isLocking', { description: 'It keeps the conclusion locked.' }),
    overrideReason: t.string({
      nullable: true,
      description: 'Why it is passed over; null: it is not.',
      resolve: ({ override }) => override?.reason ?? null,
    }),
    overriddenBy: t.string({
      nullable: true,
      description: 'Who passed over it.',
      resolve: ({ override }) => override?.by ?? null,
    }),
    overriddenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was passed over.',
      resolve: ({ override }) => (override?.at === undefined ? null : new Date(override.at)),
    }),
    parts: t.field({
      type: [CheckType],
      description: 'The checks that answer it; their numbers stand in `checks` of the analysis.',
      resolve: ({ studyId, parts }) =>
        parts.map(({ check, ...part }) => ({ ...part, name: check, numbers: null, studyId })),
    }),
  }),
});

interface Checked {
  readonly studyId: string;
  readonly checklist: Checklist;
}

const ChecklistType = builder.objectRef<Checked>('Checklist').implement({
  description: 'Five questions before a study may be believed. One that is not answered well locks the conclusion.',
  fields: (t) => ({
    answers: t.field({
      type: [AnswerType],
      description: 'In their order.',
      complexity: { field: 1, multiplier: 5 },
      resolve: ({ studyId, checklist }) => checklist.answers.map((answer) => ({ ...answer, studyId })),
    }),
    isLocked: t.boolean({ description: 'A question is open.', resolve: ({ checklist }) => checklist.isLocked }),
    lockedBy: t.stringList({ description: 'Which.', resolve: ({ checklist }) => [...checklist.lockedBy] }),
  }),
});

const RankedTrialType = builder.objectRef<ReportTrial>('RankedConfiguration').implement({
  description: 'One of the best configurations.',
  fields: (t) => ({
    number: t.int({ description: 'Its number.', resolve: ({ trial }) => trial }),
    value: t.exposeFloat('value', { description: 'Of the objective.' }),
    values: t.field({ type: 'JSON', description: 'Of its hyperparameters.', resolve: ({ values }) => values }),
  }),
});

const CountsType = builder.objectRef<RoundReport['counts']>('ConfigurationCounts').implement({
  description: 'What became of the configurations.',
  fields: (t) => ({
    completed: t.exposeInt('completed', { description: 'Trained to the end.' }),
    pruned: t.exposeInt('pruned', { description: 'Stopped early.' }),
    infeasible: t.exposeInt('infeasible', { description: 'Diverged, or could not be built.' }),
    other: t.exposeInt('other', { description: 'Not ended, failed or cancelled.' }),
  }),
});

const AnalysisType = builder.objectRef<StudyAnalysis>('Analysis').implement({
  description: 'What the trials of a study say, and whether it may be believed.',
  fields: (t) => ({
    cursor: t.field({
      type: 'SafeInt',
      description: "Sequence of the study's last change that it has seen.",
      resolve: ({ sequence }) => sequence,
    }),
    isCurrent: t.exposeBoolean('isCurrent', { description: 'Nothing has changed since.' }),
    computedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ computedAt }) => computedAt }),
    counts: t.field({ type: CountsType, description: 'Of configurations.', resolve: ({ report }) => report.counts }),
    best: t.field({
      type: [RankedTrialType],
      description: 'The best configurations, five at most.',
      complexity: { field: 1, multiplier: 5 },
      resolve: ({ report }) => [...report.best],
    }),
    checklist: t.field({
      type: ChecklistType,
      description: 'Whether it may be believed.',
      resolve: ({ study, report }) => ({ studyId: study.id, checklist: report.checklist }),
    }),
    conclusion: t.string({
      nullable: true,
      description: "The person's conclusion; null while a question is open, whatever was written.",
      resolve: ({ report }) => report.conclusion,
    }),
    caveats: t.stringList({
      description: 'What a conclusion holds for: values that were held, questions that were passed over.',
      resolve: ({ report }) => [...report.caveats],
    }),
    checks: t.field({
      type: [CheckType],
      description: 'Every check with its evidence: boundaries, density, importance, replicates, curves and so on.',
      args: {
        names: t.arg.stringList({
          description: 'These alone, or all below them: `boundaries` is also `boundaries.learningRate`.',
        }),
      },
      complexity: ({ names }) => ({ field: 1, multiplier: Math.min(names?.length ?? 50, 50) }),
      resolve: ({ study, report }, { names }) =>
        reportChecks(report)
          .filter(({ name }) => !names || names.some((one) => name === one || name.startsWith(`${one}.`)))
          .map((check) => ({ ...check, studyId: study.id })),
    }),
    next: t.field({
      type: [NextStepType],
      description: 'What to do next, the most urgent first.',
      resolve: ({ report }) => [...report.next],
    }),
    part: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'A part of the report as `kinetune report --json` has it, for what is no check: `regions`, `isolations`, `bestOfK` ...; null where it has none of the name.',
      args: { name: t.arg.string({ required: true, description: 'A key of the report.' }) },
      resolve: ({ report }, { name }) => (Object.hasOwn(report, name) ? report[name as keyof RoundReport] : null),
    }),
  }),
});

builder.objectField(StudyType, 'analysis', (t) =>
  t.field({
    type: AnalysisType,
    description:
      'Computed once after each change of the study and kept. Of a study of ten thousand trials the first time takes a second or two, later ones read what has changed.',
    args: {
      mayBeOld: t.arg.boolean({
        defaultValue: false,
        description: 'Answer at once with the last one there is, and compute the next one meanwhile: see `isCurrent`.',
      }),
    },
    complexity: { field: 20, multiplier: 1 },
    resolve: async ({ id }, { mayBeOld }, context) => {
      const options = { mayBeOld: mayBeOld ?? false };
      const load = async (ids: readonly string[]) =>
        studyAnalyses(context.db, [...(await findStudies(context.db, ids)).values()], options);
      return (await batched(context, { name: 'Study.analysis', options, id, load })) as StudyAnalysis;
    },
  }),
);
