/** Studies. */
import {
  countConfigurationsMatching,
  countTrialsOf,
  findStudies,
  findStudyByName,
  trialsByNumber,
  type Study,
  type TrialCounts,
} from '@kinetune/storage';
import { isFinished, TRIAL_STATES, type TrialState } from '@kinetune/study';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { PhaseEnum, StudyStateEnum } from './enums.ts';
import { SpaceType } from './space-types.ts';
import {
  MetricType,
  ObjectiveType,
  OverrideType,
  SpaceVersionType,
  StateCountType,
  StudyGroupType,
} from './study-part-types.ts';
import { TrialType } from './trial-type.ts';

export const StudyType = builder.loadableNodeRef<Study>('Study', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findStudies(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Study[];
  },
});

StudyType.implement({
  description: 'One goal on one data set and model family: a search space, an objective, a budget.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique; people know it by this.' }),
    goal: t.exposeString('goal', { description: 'The one question that it answers.' }),
    phase: t.field({ type: PhaseEnum, description: 'What it searches for now.', resolve: ({ phase }) => phase }),
    state: t.field({ type: StudyStateEnum, description: 'Whether it runs.', resolve: ({ state }) => state }),
    model: t.exposeString('model', { description: 'Model family, or what a command trains.' }),
    trainer: t.field({
      type: 'JSON',
      description: 'Who trains: `{ kind: built-in }`, a command with its words, `ask` or `imported`.',
      resolve: ({ trainer }) => trainer,
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Recordings, windows and the split by people; null where a command brings its own.',
      resolve: ({ data }) => data,
    }),
    splitHash: t.exposeString('splitHash', {
      nullable: true,
      description: 'Of the split manifest, once the data are there: another one means other people or windows.',
    }),
    space: t.field({ type: SpaceType, description: 'What is searched now.', resolve: ({ space }) => space }),
    spaceVersions: t.field({
      type: [SpaceVersionType],
      description: 'Every version of the space, oldest first; the last one is `space`.',
      resolve: ({ spaceVersions }) => [...spaceVersions],
    }),
    objective: t.field({ type: ObjectiveType, description: 'What it is after.', resolve: (study) => study.objective }),
    metrics: t.field({
      type: [MetricType],
      description: 'What measurements hold, in this order.',
      resolve: ({ metrics }) => [...metrics],
    }),
    sampler: t.field({
      type: 'JSON',
      description: 'Who proposes configurations: its kind and its options.',
      resolve: ({ sampler }) => sampler,
    }),
    pruner: t.field({
      type: 'JSON',
      description: 'Who ends trainings early: its kind and its options.',
      resolve: ({ pruner }) => pruner,
    }),
    earlyStopping: t.field({
      type: 'JSON',
      nullable: true,
      description: 'When a trial may end before its last epoch by itself; null: never.',
      resolve: ({ earlyStopping }) => earlyStopping ?? null,
    }),
    exploit: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The second phase: trials on top of the budget, sampler, pruner; null: there is none.',
      resolve: ({ exploit }) => exploit,
    }),
    limits: t.field({
      type: 'JSON',
      nullable: true,
      description: 'How long a trial may take and be silent; null: the defaults of the machine that trains it.',
      resolve: ({ limits }) => limits ?? null,
    }),
    budget: t.int({
      description: 'Configurations to propose, those of a second phase not counted.',
      resolve: ({ budget }) => budget.trials,
    }),
    budgetUsed: t.int({
      description: 'Configurations that were proposed.',
      resolve: async ({ id }, _, context) => {
        const load = (ids: readonly string[]) => countConfigurationsMatching(context.db, ids, {});
        return (await batched(context, { name: 'Study.budgetUsed', id, load })) ?? 0;
      },
    }),
    progress: t.float({
      description: 'Share of the trials of its whole budget that have ended, 0 to 1.',
      resolve: async (study, _, context) => {
        const counts = Object.entries(await countsOf(context, study.id)) as [TrialState, number][];
        const sum = (some: typeof counts): number => some.reduce((total, [, count]) => total + count, 0);
        const configurations = study.budget.trials + (study.exploit?.trials ?? 0);
        const wanted = configurations * study.replicates * (study.folds?.length ?? 1);
        return sum(counts.filter(([state]) => isFinished(state))) / Math.max(wanted, sum(counts));
      },
    }),
    priority: t.exposeInt('priority', {
      description: 'Share of the slots beside other studies: each step doubles it; 0 is the usual one.',
    }),
    parallelism: t.exposeInt('parallelism', {
      nullable: true,
      description: 'Trials at once; null: as many as there are slots.',
    }),
    replicates: t.exposeInt('replicates', {
      description: 'Trials of each configuration on each fold, which differ in their seed alone.',
    }),
    folds: t.intList({
      nullable: true,
      description: "Folds that each configuration is trained on; null: the split's own alone.",
      resolve: ({ folds }) => (folds === null ? null : [...folds]),
    }),
    keepBest: t.exposeInt('keepBest', { description: 'Best checkpoints kept for each trial.' }),
    thresholds: t.field({
      type: 'JSON',
      description: 'Thresholds of the analysis that differ from the defaults, by check.',
      resolve: ({ thresholds }) => thresholds,
    }),
    overrides: t.field({
      type: [OverrideType],
      description: 'Questions before believing a result that are passed over, each once.',
      resolve: ({ overrides }) => [...overrides],
    }),
    seed: t.field({ type: 'SafeInt', description: 'Of all chance in it.', resolve: ({ seed }) => seed }),
    shuffleLabelsSeed: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Set for a control that must not learn: the training labels are permuted by it.',
      resolve: (study) => study.shuffleLabelsSeed,
    }),
    from: t.exposeString('from', {
      nullable: true,
      description: 'Name of the study whose results its sampler starts with.',
    }),
    studyGroup: t.field({
      type: StudyGroupType,
      nullable: true,
      description: 'The group that it is compared in.',
      resolve: ({ studyGroup }) => studyGroup,
    }),
    conclusion: t.exposeString('conclusion', { nullable: true, description: 'What was learned.' }),
    cursor: t.field({
      type: 'SafeInt',
      description: 'Sequence of its last event: subscribe after it to miss nothing.',
      resolve: ({ eventSequence }) => eventSequence,
    }),
    trialCounts: t.field({
      type: [StateCountType],
      description: 'How many trials are in each state.',
      complexity: { field: 1, multiplier: 1 },
      resolve: async ({ id }, _, context) => {
        const counts = await countsOf(context, id);
        return TRIAL_STATES.map((state) => ({ state, count: counts[state] }));
      },
    }),
    trial: t.field({
      type: TrialType,
      nullable: true,
      description: 'The first trial of a configuration, by the number that people know it by.',
      args: { number: t.arg.int({ required: true, description: 'Of the configuration.' }) },
      resolve: async ({ id }, { number }, context) => {
        const load = async (ids: readonly string[]) => {
          const found = await trialsByNumber(
            context.db,
            ids.map((studyId) => ({ studyId, number })),
          );
          return new Map([...found.values()].map((trial) => [trial.studyId, trial]));
        };
        return (await batched(context, { name: 'Study.trial', options: number, id, load })) ?? null;
      },
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: ({ createdAt }) => createdAt }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When anything of it last changed.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
    archivedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was put away from the lists; null: it was not.',
      resolve: ({ archivedAt }) => archivedAt,
    }),
  }),
});

async function countsOf(context: Context, id: string): Promise<TrialCounts> {
  const load = (ids: readonly string[]) => countTrialsOf(context.db, ids);
  return (await batched(context, { name: 'Study.trialCounts', id, load })) as TrialCounts;
}

builder.queryFields((t) => ({
  study: t.field({
    type: StudyType,
    nullable: true,
    description: 'A study by its name.',
    args: { name: t.arg.string({ required: true, description: 'Its name.' }) },
    resolve: async (_, { name }, { db }) => (await findStudyByName(db, name)) ?? null,
  }),
}));
