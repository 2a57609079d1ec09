/** Changing what a study trains: given configurations, replicates, a wider space. */
import { cancelTrial, findTrials, listTrials, once, type Database, type Study, type Trial } from '@kinetune/storage';
import type { Domain, HyperparameterValue } from '@kinetune/study';
import { enqueueGiven } from '../studies/given-configurations.ts';
import { replicateConfiguration } from '../studies/replicate-configuration.ts';
import { widenStudy } from '../studies/widen-study.ts';
import { builder } from './builder.ts';
import { checkKey } from './create-study.ts';
import { checkBounds, readInput } from './input-bounds.ts';
import { Refused, refusing, requireText } from './refusal.ts';
import { requireStudy, requireTrial } from './require-stored.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

/** Configurations of one request, and seeds of one. */
const MOST_CONFIGURATIONS = 1000;
const MOST_SEEDS = 100;

const EnqueueInput = builder.inputType('EnqueueConfigurationsInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    configurations: t.field({
      type: ['JSON'],
      required: true,
      description: 'Each a value for every active hyperparameter of the space, by full name.',
    }),
    reason: t.string({ required: true, description: 'Why these; it stays with them.' }),
    idempotencyKey: t.string({ description: 'Sent again with the same key, the request adds nothing twice.' }),
  }),
});

const ReplicateConfigurationInput = builder.inputType('ReplicateConfigurationInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    number: t.int({ description: 'Which configuration; the best unless stated.' }),
    seeds: t.int({ required: true, defaultValue: 3, description: 'How many further seeds, on each of its folds.' }),
  }),
});

const ReplicateTrialInput = builder.inputType('ReplicateTrialInput', {
  fields: (t) => ({
    trialId: t.globalID({ required: true, for: TrialType }),
    seeds: t.int({ required: true, defaultValue: 1, description: 'How many further seeds, on each of its folds.' }),
  }),
});

const CancelTrialInput = builder.inputType('CancelTrialInput', {
  fields: (t) => ({
    trialId: t.globalID({ required: true, for: TrialType }),
    reason: t.string({ description: 'Why; it stays with the trial.', required: true }),
  }),
});

const WiderDomainInput = builder.inputType('WiderDomainInput', {
  description: 'A wider range, or further choices. An end that is left out stays.',
  fields: (t) => ({
    name: t.string({ description: 'Full name of the hyperparameter.', required: true }),
    minimum: t.float({ description: 'The new lower end, if it moves.' }),
    maximum: t.float({ description: 'The new upper end, if it moves.' }),
    choices: t.field({ type: ['JSON'], description: 'To be added to those that there are.' }),
  }),
});

const WidenInput = builder.inputType('WidenSpaceInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    hyperparameters: t.field({
      type: [WiderDomainInput],
      description: 'Those that become wider; the others stay.',
      required: true,
    }),
  }),
});

interface Queued {
  readonly study: Study;
  readonly trials: readonly Trial[];
}

const QueuedType = builder.objectRef<Queued>('QueuedTrials').implement({
  description: 'Trials that wait for a slot from now on.',
  fields: (t) => ({
    study: t.field({ type: StudyType, resolve: ({ study }) => study }),
    trials: t.field({ type: [TrialType], description: 'Those that are new.', resolve: ({ trials }) => [...trials] }),
  }),
});

interface Widened {
  readonly study: Study;
  readonly changes: readonly string[];
  readonly firstConfiguration: number;
}

const WidenedType = builder.objectRef<Widened>('WidenedSpace').implement({
  description: 'A study whose space was widened.',
  fields: (t) => ({
    study: t.field({ type: StudyType, resolve: ({ study }) => study }),
    changes: t.stringList({
      description: 'Each as `learningRate: 0.001 to 0.01, log -> 0.0001 to 0.1, log`.',
      resolve: ({ changes }) => [...changes],
    }),
    firstConfiguration: t.exposeInt('firstConfiguration', {
      description: 'Number of the first configuration that is drawn from the wider space.',
    }),
    isBudgetSpent: t.boolean({
      description: 'Then nothing is drawn until the budget is extended.',
      resolve: ({ study, firstConfiguration }) => firstConfiguration >= study.budget.trials,
    }),
  }),
});

const errors = { types: [Refused] };

builder.mutationFields((t) => ({
  enqueueConfigurations: t.field({
    type: QueuedType,
    description:
      'Queues given configurations after those there are, all or none; they count against the budget. One that the study has already is refused by name.',
    errors,
    args: { input: t.arg({ type: EnqueueInput, required: true }) },
    resolve: async (_, { input: request }, { db, viewer }): Promise<Queued> => {
      const input = readInput(request);
      const { configurations, idempotencyKey } = input;
      checkKey(idempotencyKey);
      const reason = requireText('reason', input.reason);
      if (configurations.length === 0 || configurations.length > MOST_CONFIGURATIONS)
        throw new Refused(
          'configuration-count',
          `expected 1 to ${MOST_CONFIGURATIONS} configurations, got ${configurations.length}`,
          ['configurations'],
        );
      const study = await requireStudy(db, input.studyId.id);
      const enqueue = async (tx: Database): Promise<readonly string[]> => {
        const added = await enqueueGiven(tx, study.id, { configurations, reason, by: viewer.name });
        const ids = new Set(added.map(({ id }) => id));
        return (await listTrials(tx, study.id)).filter((one) => ids.has(one.configurationId)).map(({ id }) => id);
      };
      const trialIds = await refusing(['configurations'], () =>
        idempotencyKey === undefined
          ? db.transaction(enqueue)
          : once(db, { operation: 'enqueueConfigurations', key: idempotencyKey, request }, enqueue),
      );
      return queued(db, study.id, trialIds);
    },
  }),
  replicateConfiguration: t.field({
    type: QueuedType,
    description: 'Queues further trials of a configuration with other seeds, on each of its folds.',
    errors,
    args: { input: t.arg({ type: ReplicateConfigurationInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Queued> => {
      checkSeeds(input.seeds);
      const study = await requireStudy(db, input.studyId.id);
      const { trials } = await refusing(['number'], () =>
        replicateConfiguration(db, study, { number: input.number ?? undefined, seeds: input.seeds }),
      );
      return { study: await requireStudy(db, study.id), trials };
    },
  }),
  replicateTrial: t.field({
    type: QueuedType,
    description: 'Queues further trials of the same configuration with other seeds, on each of its folds.',
    errors,
    args: { input: t.arg({ type: ReplicateTrialInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Queued> => {
      checkSeeds(input.seeds);
      const { studyId, number } = await requireTrial(db, input.trialId.id);
      const study = await requireStudy(db, studyId);
      const { trials } = await refusing(['trialId'], () =>
        replicateConfiguration(db, study, { number, seeds: input.seeds }),
      );
      return { study: await requireStudy(db, studyId), trials };
    },
  }),
  cancelTrial: t.field({
    type: TrialType,
    description: 'Ends a queued or running trial; what it measured is kept.',
    errors,
    args: { input: t.arg({ type: CancelTrialInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Trial> => {
      checkBounds(input);
      const reason = requireText('reason', input.reason);
      const { id } = await requireTrial(db, input.trialId.id);
      const cancelled = await cancelTrial(db, id, reason);
      if (cancelled.outcome !== 'written')
        throw new Refused('trial-ended', `expected a queued or running trial: ${cancelled.message}`, ['trialId']);
      return requireTrial(db, id);
    },
  }),
  widenSpace: t.field({
    type: WidenedType,
    description:
      'Makes ranges of the space wider; the study keeps its trials and draws the next ones from the wider space.',
    errors,
    args: { input: t.arg({ type: WidenInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Widened> => {
      checkBounds(input);
      const study = await requireStudy(db, input.studyId.id);
      return refusing(['hyperparameters'], () =>
        widenStudy(
          db,
          study.id,
          input.hyperparameters.map(({ name, ...wider }) => ({ name, domain: (before) => domainOf(before, wider) })),
        ),
      );
    },
  }),
}));

async function queued(db: Database, studyId: string, trialIds: readonly string[]): Promise<Queued> {
  const found = await findTrials(db, trialIds);
  return { study: await requireStudy(db, studyId), trials: trialIds.flatMap((id) => found.get(id) ?? []) };
}

function checkSeeds(seeds: number): void {
  if (seeds < 1 || seeds > MOST_SEEDS)
    throw new Refused('seed-count', `expected 1 to ${MOST_SEEDS} further seeds, got ${seeds}`, ['seeds']);
}

function domainOf(
  before: Domain,
  {
    minimum,
    maximum,
    choices,
  }: {
    readonly minimum?: number | null | undefined;
    readonly maximum?: number | null | undefined;
    readonly choices?: readonly unknown[] | null | undefined;
  },
): Domain {
  if (before.type === 'categorical')
    return { ...before, choices: [...new Set([...before.choices, ...((choices ?? []) as HyperparameterValue[])])] };
  return { ...before, minimum: minimum ?? before.minimum, maximum: maximum ?? before.maximum };
}
