/** Checks: a verdict, the numbers behind it, the trials behind those, and what to do next. */
import type { Check, NextStep } from '@kinetune/search';
import { trialsByNumber } from '@kinetune/storage';
import type { Domain } from '@kinetune/study';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import { ActionEnum, CheckStatusEnum } from './enums.ts';
import { DomainType } from './space-types.ts';
import { TrialType } from './trial-type.ts';

interface NamedDomain {
  readonly name: string;
  readonly domain: Domain;
}

const NamedDomainType = builder.objectRef<NamedDomain>('NamedDomain').implement({
  description: 'A hyperparameter with the values that it may take.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Full name.' }),
    domain: t.field({ type: DomainType, description: 'The new domain.', resolve: ({ domain }) => domain }),
  }),
});

export const NextStepType = builder.objectRef<NextStep>('NextStep').implement({
  description: 'A next study, or what to do before it.',
  fields: (t) => ({
    action: t.field({ type: ActionEnum, description: 'For programs.', resolve: ({ action }) => action }),
    text: t.exposeString('text', { description: 'For people, in one sentence.' }),
    domains: t.field({
      type: [NamedDomainType],
      description: 'Hyperparameters with new domains, where the space changes.',
      resolve: ({ domains = {} }) => Object.entries(domains).map(([name, domain]) => ({ name, domain })),
    }),
    fixed: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Values to hold, by name, where some are.',
      resolve: ({ fixed }) => fixed ?? null,
    }),
    configurations: t.field({
      type: ['JSON'],
      description: 'Exactly these configurations, where it is a list of them.',
      resolve: ({ configurations = [] }) => [...configurations],
    }),
    trialCount: t.int({ nullable: true, description: 'Trials to run.', resolve: (step) => step.trialCount ?? null }),
    trainingSteps: t.field({
      type: 'SafeInt',
      nullable: true,
      description: "Optimizer steps of each trial, where they differ from the study's.",
      resolve: ({ trainingSteps }) => trainingSteps ?? null,
    }),
    trialNumber: t.int({
      nullable: true,
      description: 'Number of the trial that it is about.',
      resolve: ({ trial }) => trial ?? null,
    }),
  }),
});

/** A check with the study that its trials' numbers are of. */
export interface StudyCheck extends Pick<Check<string, unknown>, 'verdict' | 'status' | 'reason' | 'trials' | 'next'> {
  readonly studyId: string;
  /** Where it stands in the report: `boundaries.learningRate`. */
  readonly name: string;
  readonly numbers: unknown;
}

const MOST_TRIALS = 100;

export const CheckType = builder.objectRef<StudyCheck>('Check').implement({
  description: 'One check of a study or of a curve, with its evidence.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What was looked at: `boundaries.learningRate`, `bestOfK` ...' }),
    verdict: t.exposeString('verdict', { description: "In the check's own word." }),
    status: t.field({ type: CheckStatusEnum, description: 'How far it reaches.', resolve: ({ status }) => status }),
    reason: t.exposeString('reason', { description: 'The numbers and what they mean, in one sentence.' }),
    numbers: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The numbers behind the verdict.',
      resolve: ({ numbers }) => numbers,
    }),
    trialCount: t.int({ description: 'Trials that it rests on.', resolve: ({ trials }) => trials.length }),
    trialNumbers: t.field({
      type: 'Numbers',
      description: 'Numbers of the trials that it rests on.',
      resolve: ({ trials }) => trials,
    }),
    trials: t.field({
      type: [TrialType],
      description: 'The first trials that it rests on.',
      args: { first: t.arg.int({ defaultValue: 10, description: `At most ${MOST_TRIALS}.` }) },
      complexity: ({ first }) => ({ field: 1, multiplier: limitOf(first) }),
      resolve: async ({ studyId, trials }, { first }, context) => {
        const load = (names: readonly string[]) =>
          trialsByNumber(
            context.db,
            names.map((name) => {
              const [study, number] = name.split(' ') as [string, string];
              return { studyId: study, number: Number(number) };
            }),
          );
        const found = await Promise.all(
          trials
            .slice(0, limitOf(first))
            .map((number) => batched(context, { name: 'Check.trials', id: `${studyId} ${number}`, load })),
        );
        return found.filter((trial) => trial !== undefined);
      },
    }),
    next: t.field({
      type: NextStepType,
      nullable: true,
      description: 'What it proposes.',
      resolve: ({ next }) => next,
    }),
  }),
});

function limitOf(first: number | null | undefined): number {
  return Math.min(Math.max(first ?? 10, 0), MOST_TRIALS);
}
