/** What a trial's curves say, computed once when it ended. */
import type { CurveDiagnosis, CurveFinding } from '@kinetune/search';
import type { Trial } from '@kinetune/storage';
import { builder } from './builder.ts';
import { CheckType } from './check-type.ts';
import { CheckStatusEnum, CurveLabelEnum } from './enums.ts';
import { NextStepType } from './check-type.ts';
import { TrialType } from './trial-type.ts';

/** As it is stored with a trial. */
interface TrialDiagnosis {
  readonly trial: Trial;
  readonly diagnosis: CurveDiagnosis & { readonly findings: readonly CurveFinding[] };
}

const CurveFindingType = builder.objectRef<CurveFinding>('CurveFinding').implement({
  description: 'What was found in the curves of a trial.',
  fields: (t) => ({
    label: t.exposeString('label', { description: '`overfitting`, `spikes-early`, `healthy` ...' }),
    status: t.field({ type: CheckStatusEnum, description: 'How grave it is.', resolve: ({ status }) => status }),
    reason: t.exposeString('reason', { description: 'The numbers and what they mean, in one sentence.' }),
    isOptimisation: t.exposeBoolean('isOptimisation', {
      description: 'About instability, divergence or a collapse: training itself is to be mended.',
    }),
    next: t.field({
      type: NextStepType,
      nullable: true,
      description: 'The first remedy.',
      resolve: (one) => one.next ?? null,
    }),
  }),
});

const DiagnosisType = builder.objectRef<TrialDiagnosis>('Diagnosis').implement({
  description: "What a trial's curves say.",
  fields: (t) => ({
    version: t.int({ description: 'Of the analysis.', resolve: ({ diagnosis }) => diagnosis.version }),
    labels: t.field({
      type: [CurveLabelEnum],
      description: 'What was found, the gravest first; empty for a healthy trial.',
      resolve: ({ diagnosis }) => [...diagnosis.labels],
    }),
    findings: t.field({
      type: [CurveFindingType],
      description: 'What a study is told of it.',
      resolve: ({ diagnosis }) => [...diagnosis.findings],
    }),
    checks: t.field({
      type: [CheckType],
      description: 'One for each label, found or not.',
      resolve: ({ trial: { studyId }, diagnosis }) =>
        diagnosis.checks.map(({ label, ...check }) => ({ ...check, name: label, studyId })),
    }),
  }),
});

builder.objectField(TrialType, 'diagnosis', (t) =>
  t.field({
    type: DiagnosisType,
    nullable: true,
    description: 'Null before it has ended.',
    resolve: (trial) =>
      trial.diagnosis === null ? null : { trial, diagnosis: trial.diagnosis as unknown as TrialDiagnosis['diagnosis'] },
  }),
);
