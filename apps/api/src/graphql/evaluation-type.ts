/** How trials do on held-out people. */
import { evaluationsOf, type Evaluation } from '@kinetune/storage';
import { accuracy, balancedAccuracy, macroF1 } from '@kinetune/study';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { EvaluationSplitEnum } from './enums.ts';
import { TrialType } from './trial-type.ts';

interface ClassResult {
  readonly index: number;
  readonly recall: number | null;
  readonly precision: number | null;
  readonly count: number;
}

const ClassResultType = builder.objectRef<ClassResult>('ClassResult').implement({
  description: 'How windows of one class are recognised.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: "Of the class, in the order of the data set's labels." }),
    count: t.exposeInt('count', { description: 'Windows of the class.' }),
    recall: t.exposeFloat('recall', {
      nullable: true,
      description: 'Share of its windows that are recognised; null where there are none.',
    }),
    precision: t.exposeFloat('precision', {
      nullable: true,
      description: 'Share of what is taken for it that is it; null where nothing is.',
    }),
  }),
});

const SubjectResultType = builder.objectRef<Evaluation['perSubject'][number]>('SubjectResult').implement({
  description: 'How windows of one person are recognised.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'The person.' }),
    correct: t.exposeInt('correct', { description: 'Windows that are recognised.' }),
    count: t.exposeInt('count', { description: 'Windows in all.' }),
    share: t.float({
      nullable: true,
      description: 'The share that is recognised; null where there are no windows.',
      resolve: ({ correct, count }) => (count === 0 ? null : correct / count),
    }),
  }),
});

export const EvaluationType = builder.objectRef<Evaluation>('Evaluation').implement({
  description: "How a trial's weights at a step do on held-out people.",
  fields: (t) => ({
    split: t.field({ type: EvaluationSplitEnum, description: 'Which people.', resolve: ({ split }) => split }),
    step: t.field({ type: 'SafeInt', description: 'Of the weights.', resolve: ({ step }) => step }),
    confusionMatrix: t.field({
      type: 'JSON',
      description: 'Counts of windows: rows are true classes, columns what they are taken for.',
      resolve: ({ confusionMatrix }) => confusionMatrix,
    }),
    accuracy: t.float({
      nullable: true,
      description: 'Share of windows that are recognised.',
      resolve: ({ confusionMatrix }) => finite(accuracy(confusionMatrix)),
    }),
    balancedAccuracy: t.float({
      nullable: true,
      description: 'Mean recall over classes.',
      resolve: ({ confusionMatrix }) => finite(balancedAccuracy(confusionMatrix)),
    }),
    macroF1: t.float({
      nullable: true,
      description: 'Mean F1 score over classes.',
      resolve: ({ confusionMatrix }) => finite(macroF1(confusionMatrix)),
    }),
    perClass: t.field({
      type: [ClassResultType],
      description: 'Class by class.',
      resolve: ({ confusionMatrix }) => [...classResults(confusionMatrix)],
    }),
    perSubject: t.field({
      type: [SubjectResultType],
      description: 'Person by person.',
      resolve: ({ perSubject }) => [...perSubject],
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why the test people were looked at.' }),
    evaluatedBy: t.exposeString('evaluatedBy', { nullable: true, description: 'Who looked at the test people.' }),
    isContaminated: t.exposeBoolean('isContaminated', {
      description: 'The study had looked at the test people before: no estimate for new people.',
    }),
    evaluatedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ evaluatedAt }) => evaluatedAt }),
  }),
});

builder.objectField(TrialType, 'evaluations', (t) =>
  t.field({
    type: [EvaluationType],
    description: 'On the validation people at its best step, then every look at the test people.',
    complexity: { field: 1, multiplier: 2 },
    resolve: async ({ id }, _, context) => {
      const load = (ids: readonly string[]) => evaluationsOf(context.db, ids);
      return [...((await batched(context, { name: 'Trial.evaluations', id, load })) ?? [])];
    },
  }),
);

function classResults(matrix: Evaluation['confusionMatrix']): readonly ClassResult[] {
  return matrix.map((row, index) => {
    const count = row.reduce((sum, one) => sum + one, 0);
    const taken = matrix.reduce((sum, other) => sum + (other[index] ?? 0), 0);
    const right = row[index] ?? 0;
    return { index, count, recall: count === 0 ? null : right / count, precision: taken === 0 ? null : right / taken };
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
