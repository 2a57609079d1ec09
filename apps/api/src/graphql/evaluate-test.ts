/** The one look at the test people. */
import type { Study } from '@kinetune/storage';
import { InputError } from '@kinetune/study';
import { DEFAULT_LIMITS } from '../agent/trial-run.ts';
import { resolveInputPath, workspaceRoot } from '../command-line/paths.ts';
import { evaluateTest, type TestResult } from '../studies/evaluate-test.ts';
import { builder } from './builder.ts';
import { EvaluationType } from './evaluation-type.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, requireText } from './refusal.ts';
import { requireStudy } from './require-stored.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const EvaluateTestInput = builder.inputType('EvaluateTestInput', {
  description: 'Whose test people are looked at, and why.',
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType, description: 'A study with an adopted configuration.' }),
    reason: t.string({ required: true, description: 'Why now; it is logged.' }),
    force: t.boolean({
      description: 'Look although the study has looked before; the result is marked as contaminated.',
    }),
  }),
});

interface Looked extends TestResult {
  readonly study: Study;
}

const LookedType = builder.objectRef<Looked>('TestEvaluation').implement({
  description: 'A look at the test people.',
  fields: (t) => ({
    study: t.field({ type: StudyType, description: 'As it is now.', resolve: ({ study }) => study }),
    trial: t.field({ type: TrialType, description: 'Whose kept model it was.', resolve: ({ trial }) => trial }),
    evaluation: t.field({
      type: EvaluationType,
      description: 'As it is logged.',
      resolve: ({ evaluation }) => evaluation,
    }),
  }),
});

builder.mutationField('evaluateTest', (t) =>
  t.field({
    type: LookedType,
    description:
      'Evaluates the adopted configuration’s kept model on the test people: once a study, logged with who, when and why.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: EvaluateTestInput, required: true }) },
    resolve: async (_, { input }, { db, store, viewer }): Promise<Looked> => {
      checkBounds(input);
      const reason = requireText('reason', input.reason);
      const study = await requireStudy(db, input.studyId.id);
      try {
        const looked = await evaluateTest(db, study, {
          reason,
          by: viewer.name,
          isForced: input.force ?? false,
          store,
          workspaceRoot,
          resolvePath: resolveInputPath,
          onProgress: () => {},
          signal: new AbortController().signal,
          limits: DEFAULT_LIMITS,
        });
        return { ...looked, study: await requireStudy(db, study.id) };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw new Refused(error.code, error.message, [error.code === 'test-evaluated-before' ? 'force' : 'studyId']);
      }
    },
  }),
);
