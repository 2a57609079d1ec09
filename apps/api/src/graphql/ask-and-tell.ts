/** Ask and tell: trials for loops of somebody's own, under leases. */
import {
  findStudy,
  findStudyByName,
  findTrial,
  finishTrial,
  recordMeasurements,
  renewLease,
  requeueExpiredLeases,
  requeueTrial,
  type Database,
  type NewMeasurement,
  type Study,
  type Trial,
  type TrialEnd,
  type TrialWriter,
  type TrialWriteRefused,
} from '@kinetune/storage';
import { didYouMean, InputError, invariant } from '@kinetune/study';
import { diagnoseTrial } from '../agent/diagnose-trial.ts';
import { MAX_FAILURES } from '../agent/settle-attempt.ts';
import { NOTHING_REASONS, type Asked, type NothingReason } from '../ask/ask-desk.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { valuesOf } from './enums.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, refusing, requireText } from './refusal.ts';
import { TrialType } from './trial-type.ts';

type Leased = Extract<Asked, { type: 'leased' }>;

const MOST_LEASE_SECONDS = 86_400;
const MOST_MEASUREMENTS = 1_000;

const LeasedType = builder.objectRef<Leased>('LeasedTrial').implement({
  description: 'A trial that you may train until its lease ends.',
  fields: (t) => ({
    lease: t.string({ description: 'Send it with all you tell of the trial.', resolve: ({ trial }) => leaseOf(trial) }),
    leaseEndsAt: t.field({
      type: 'DateTime',
      description: 'Unless renewed; each measurement that you tell renews it for as long as you asked for.',
      resolve: ({ trial }) => trial.leaseEndsAt as Date,
    }),
    trial: t.field({ type: TrialType, resolve: ({ trial }) => trial }),
    configuration: t.field({
      type: 'JSON',
      description: 'A value for each hyperparameter, by the name that training knows it by, with those that are fixed.',
      resolve: ({ configuration }) => configuration,
    }),
    seed: t.field({
      type: 'SafeInt',
      description: 'Seed whatever is random in the training with it.',
      resolve: ({ trial }) => trial.seed,
    }),
    epochs: t.exposeFloat('epochs', {
      nullable: true,
      description: 'How long a training is, where the study holds `epochs` fixed; pruners need to know it.',
    }),
    resumeFromStep: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The last step that somebody before you told as resumable; null: begin at the beginning.',
      resolve: ({ trial }) => trial.resumableStep,
    }),
  }),
});

const NothingReasonEnum = builder.enumType('NothingToTrainReason', {
  description: 'Why there is no trial.',
  values: valuesOf(NOTHING_REASONS, {
    busy: 'All are given out at present: ask again later.',
    finished: 'The budget or the space is used up.',
    'not-running': 'The study is paused or cancelled.',
  }),
});

/** Not a mistake of whoever asks; an error to the plugin alone, which makes results of those. */
class NothingToTrain extends Error {
  override readonly name = 'NothingToTrain';
  readonly reason: NothingReason;

  constructor({ reason, message }: Extract<Asked, { type: 'nothing' }>) {
    super(message);
    this.reason = reason;
  }
}

builder.objectType(NothingToTrain, {
  name: 'NothingToTrain',
  description: 'There is no trial for you.',
  fields: (t) => ({
    reason: t.field({ type: NothingReasonEnum, description: 'For programs.', resolve: ({ reason }) => reason }),
    message: t.exposeString('message', { description: 'What there is, and what to do.' }),
  }),
});

interface Told {
  readonly storedCount: number;
  readonly stop: string | null;
  readonly leaseEndsAt: Date | null;
}

const ToldType = builder.objectRef<Told>('ToldMeasurements').implement({
  description: 'What became of measurements that were told.',
  fields: (t) => ({
    storedCount: t.exposeInt('storedCount', { description: 'How many were new or different.' }),
    shouldStop: t.boolean({
      description: 'The pruner has ended the trial: stop training and ask for the next one.',
      resolve: ({ stop }) => stop !== null,
    }),
    reason: t.exposeString('stop', { nullable: true, description: 'Why to stop.' }),
    leaseEndsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null where the trial has ended.',
      resolve: ({ leaseEndsAt }) => leaseEndsAt,
    }),
  }),
});

interface Renewed {
  readonly leaseEndsAt: Date;
}

const RenewedType = builder.objectRef<Renewed>('RenewedLease').implement({
  description: 'A lease that goes on.',
  fields: (t) => ({
    leaseEndsAt: t.field({
      type: 'DateTime',
      description: 'Unless renewed again.',
      resolve: ({ leaseEndsAt }) => leaseEndsAt,
    }),
  }),
});

const AskInput = builder.inputType('AskConfigurationInput', {
  fields: (t) => ({
    study: t.string({ required: true, description: 'Name of a study whose file says `trainer: ask`.' }),
    leaseSeconds: t.int({
      required: true,
      description: `How long you may say nothing before the trial is given to somebody else; up to ${MOST_LEASE_SECONDS}.`,
    }),
    worker: t.string({ required: true, description: 'Who you are, for people: a host, a job of a cluster.' }),
  }),
});

const MeasurementInput = builder.inputType('MeasurementInput', {
  fields: (t) => ({
    step: t.field({
      type: 'SafeInt',
      required: true,
      description: 'Optimizer steps since the beginning of the trial.',
    }),
    epoch: t.float({ required: true, description: 'Passes over the training data; may be a fraction.' }),
    values: t.field({
      type: 'JSON',
      required: true,
      description: 'By metric of the study; null where a value is not finite.',
    }),
    isResumable: t.boolean({
      defaultValue: false,
      required: true,
      description: 'Whether whoever is given the trial after you can go on from this step.',
    }),
  }),
});

const TellInput = builder.inputType('TellMeasurementsInput', {
  fields: (t) => ({
    lease: t.string({ required: true }),
    measurements: t.field({
      type: [MeasurementInput],
      description: 'In any order; the same step again replaces what was told of it.',
      required: true,
    }),
  }),
});

const RenewInput = builder.inputType('RenewLeaseInput', {
  fields: (t) => ({
    lease: t.string({ required: true }),
    leaseSeconds: t.int({ required: true, description: `From now on; up to ${MOST_LEASE_SECONDS}.` }),
  }),
});

const FINISHED_STATES = ['COMPLETED', 'INFEASIBLE', 'FAILED'] as const;
const FinishedStateEnum = builder.enumType('FinishedState', {
  description: 'How a trial ended.',
  values: valuesOf(FINISHED_STATES, {
    COMPLETED: 'Trained to its end; where the objective was never finite it counts as INFEASIBLE.',
    INFEASIBLE: 'The configuration cannot be trained: a result, never tried again.',
    FAILED: 'The fault of your machine: it is tried again, up to a cap.',
  }),
});

const FinishInput = builder.inputType('FinishTrialInput', {
  fields: (t) => ({
    lease: t.string({ required: true }),
    state: t.field({ type: FinishedStateEnum, description: 'How it ended.', required: true }),
    reason: t.string({ description: 'A sentence for people; required unless COMPLETED.' }),
  }),
});

const errors = { types: [Refused] };

builder.mutationFields((t) => ({
  askConfiguration: t.field({
    type: LeasedType,
    description: 'Asks for a configuration to train, for a loop that nobody may start for you.',
    errors: { types: [Refused, NothingToTrain] },
    args: { input: t.arg({ type: AskInput, required: true }) },
    resolve: async (_, { input }, { db, askDesk }): Promise<Leased> => {
      checkBounds(input);
      checkSeconds(input.leaseSeconds);
      const worker = requireText('worker', input.worker).slice(0, 200);
      const study = await findStudyByName(db, input.study);
      if (study === undefined)
        throw new Refused('unknown-study', `expected the name of a study, got ${input.study}: no study has it`, [
          'study',
        ]);
      if (study.trainer.kind !== 'ask')
        throw new Refused(
          'study-not-asked',
          `expected a study whose file says \`trainer: ask\`, and the trials of ${study.name} are trained by agents`,
          ['study'],
        );
      const asker = { worker, leaseSeconds: input.leaseSeconds };
      const asked = await refusing(['study'], () => askDesk.ask(study, asker));
      if (asked.type === 'nothing') throw new NothingToTrain(asked);
      return asked;
    },
  }),
  tellMeasurements: t.field({
    type: ToldType,
    description: 'Stores what a trial measured, each step once however often it is told, and renews the lease.',
    errors,
    args: { input: t.arg({ type: TellInput, required: true }) },
    resolve: async (_, { input }, { db, askDesk }): Promise<Told> => {
      checkBounds(input);
      const writer = writerOf(input.lease);
      if (input.measurements.length > MOST_MEASUREMENTS)
        throw new Refused(
          'too-many-measurements',
          `expected at most ${MOST_MEASUREMENTS} measurements at a time, got ${input.measurements.length}: tell them in parts`,
          ['measurements'],
        );
      const study = await refusing(['lease'], () => studyOf(db, writer));
      const measurements = input.measurements.map((one, index) => checkMeasurement(one, { index, study }));
      const written = await writing(db, () => recordMeasurements(db, writer, measurements));
      const trial = await trialOf(db, writer);
      const decision = await askDesk.judge(study, trial);
      const stop = decision?.reason ?? null;
      if (stop !== null) {
        await writing(db, () => finishTrial(db, writer, { state: 'PRUNED', reasonCode: 'pruned', reason: stop }));
        await afterEnd({ db, askDesk }, study, writer);
      }
      return { storedCount: written.changedCount, stop, leaseEndsAt: stop === null ? trial.leaseEndsAt : null };
    },
  }),
  renewLease: t.field({
    type: RenewedType,
    description: 'Says that you are still at work, where measurements are far apart.',
    errors,
    args: { input: t.arg({ type: RenewInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Renewed> => {
      checkBounds(input);
      checkSeconds(input.leaseSeconds);
      const writer = writerOf(input.lease);
      await writing(db, () => refusing(['lease'], () => renewLease(db, writer, input.leaseSeconds)));
      return { leaseEndsAt: (await trialOf(db, writer)).leaseEndsAt as Date };
    },
  }),
  finishTrial: t.field({
    type: TrialType,
    description:
      'Ends a trial, once; said again it gives the trial as it ended. A FAILED one is QUEUED again up to a cap.',
    errors,
    args: { input: t.arg({ type: FinishInput, required: true }) },
    resolve: async (_, { input }, context): Promise<Trial> => {
      checkBounds(input);
      const { state } = input;
      const writer = writerOf(input.lease);
      const reason = state === 'COMPLETED' ? input.reason?.trim() : requireText('reason', input.reason ?? '');
      return finish(context, writer, { state, reason });
    },
  }),
}));

type Finish = { readonly state: (typeof FINISHED_STATES)[number]; readonly reason: string | undefined };

async function finish({ db, askDesk }: Context, writer: TrialWriter, { state, reason = '' }: Finish): Promise<Trial> {
  const trial = await refusing(['lease'], () => trialOf(db, writer));
  // An answer that was lost is asked for again: what ended under this lease is said again.
  if (trial.state !== 'RUNNING' && trial.fencingToken === writer.fencingToken) return trial;
  if (state === 'FAILED') {
    await writing(db, () => requeueTrial(db, writer, { reasonCode: 'machine', reason, maxFailures: MAX_FAILURES }));
  } else {
    await writing(db, () => finishTrial(db, writer, endOf(trial, { state, reason })));
    await afterEnd({ db, askDesk }, await studyOf(db, writer), writer);
  }
  return trialOf(db, writer);
}

function endOf(trial: Trial, { state, reason }: Finish): TrialEnd {
  if (state === 'INFEASIBLE') return { state, reasonCode: 'reported', reason: reason as string };
  if (trial.lastStep === null)
    throw new Refused(
      'nothing-measured',
      'expected measurements of a trial that is COMPLETED, got none: tell them first, or finish it as INFEASIBLE or FAILED',
      ['state'],
    );
  if (trial.bestValue === null)
    return { state: 'INFEASIBLE', reasonCode: 'diverged', reason: 'its objective was never finite' };
  return { state: 'COMPLETED' };
}

async function afterEnd(
  { db, askDesk }: Pick<Context, 'db' | 'askDesk'>,
  study: Study,
  writer: TrialWriter,
): Promise<void> {
  await diagnoseTrial(db, study, await trialOf(db, writer));
  await askDesk.settle(study);
}

/** What was written; who may not write is told why, and an expired trial goes back into the queue. */
async function writing<T extends { readonly outcome: string }>(
  db: Database,
  write: () => Promise<T | TrialWriteRefused>,
): Promise<T> {
  const written = await write();
  if (!isRefused(written)) return written;
  if (written.outcome === 'expired') await requeueExpiredLeases(db, { maxFailures: MAX_FAILURES });
  const codes = { fenced: 'lease-lost', expired: 'lease-expired', ended: 'trial-ended' } as const;
  throw new Refused(codes[written.outcome], `${written.message}. Stop training it and ask for another`, ['lease']);
}

function isRefused(written: { readonly outcome: string }): written is TrialWriteRefused {
  return ['fenced', 'expired', 'ended'].includes(written.outcome);
}

async function trialOf(db: Database, { trialId }: TrialWriter): Promise<Trial> {
  const trial = await findTrial(db, trialId);
  if (trial === undefined) throw new InputError('unknown-trial', 'the trial of this lease does not exist any more');
  return trial;
}

async function studyOf(db: Database, writer: TrialWriter): Promise<Study> {
  const study = await findStudy(db, (await trialOf(db, writer)).studyId);
  invariant(study !== undefined, 'a trial has a study');
  return study;
}

function leaseOf({ id, fencingToken }: Trial): string {
  return `${id}.${fencingToken}`;
}

function writerOf(lease: string): TrialWriter {
  const [, trialId, token] = /^([0-9a-f-]{36})\.(\d{1,9})$/.exec(lease) ?? [];
  if (trialId === undefined || token === undefined)
    throw new Refused('bad-lease', `expected a lease as askConfiguration gave it, got ${lease.slice(0, 100)}`, [
      'lease',
    ]);
  return { trialId, fencingToken: Number(token) };
}

function checkSeconds(seconds: number): void {
  if (seconds >= 1 && seconds <= MOST_LEASE_SECONDS) return;
  throw new Refused('bad-lease-seconds', `expected 1 to ${MOST_LEASE_SECONDS} seconds, got ${seconds}`, [
    'leaseSeconds',
  ]);
}

function checkMeasurement(
  { step, epoch, values, isResumable }: typeof MeasurementInput.$inferInput,
  { index, study: { name: study, metrics } }: { readonly index: number; readonly study: Study },
): NewMeasurement {
  const refuse = (field: string, message: string): never => {
    throw new Refused('bad-measurement', message, ['measurements', String(index), field]);
  };
  if (step < 0) refuse('step', `expected a step from 0 on, got ${step}`);
  if (epoch < 0) refuse('epoch', `expected an epoch from 0 on, got ${epoch}`);
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return refuse('values', `expected an object of numbers by metric, got ${JSON.stringify(values)}`);
  const declared = metrics.map(({ name }) => name);
  for (const [name, value] of Object.entries(values)) {
    if (!declared.includes(name))
      refuse(
        'values',
        `expected metrics that ${study} declares (${declared.join(', ')}), got ${name}.${didYouMean(name, declared)}`,
      );
    if (value !== null && typeof value !== 'number')
      refuse('values', `expected a number or null for ${name}, got ${JSON.stringify(value)}`);
  }
  return { step, epoch, values: values as NewMeasurement['values'], isResumable };
}
