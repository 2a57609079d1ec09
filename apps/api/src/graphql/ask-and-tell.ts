/** Asking for trials, for loops of somebody's own, and keeping the lease of one. */
import { findStudyByName, renewLease } from '@kinetune/storage';
import { NOTHING_REASONS, type Asked, type NothingReason } from '../ask/ask-desk.ts';
import { heldTrial, leaseOf, readLease, writing } from '../ask/lease.ts';
import { builder } from './builder.ts';
import { valuesOf } from './enums.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, refusing, requireText } from './refusal.ts';
import { TrialType } from './trial-type.ts';

type Leased = Extract<Asked, { type: 'leased' }>;

const MOST_LEASE_SECONDS = 86_400;

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

const RenewInput = builder.inputType('RenewLeaseInput', {
  fields: (t) => ({
    lease: t.string({ required: true }),
    leaseSeconds: t.int({ required: true, description: `From now on; up to ${MOST_LEASE_SECONDS}.` }),
  }),
});

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
  renewLease: t.field({
    type: RenewedType,
    description: 'Says that you are still at work, where measurements are far apart.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: RenewInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Renewed> => {
      checkBounds(input);
      checkSeconds(input.leaseSeconds);
      const held = await readLease(db, input.lease);
      await writing(db, () => renewLease(db, held.writer, input.leaseSeconds));
      return { leaseEndsAt: (await heldTrial(db, held)).leaseEndsAt as Date };
    },
  }),
}));

function checkSeconds(seconds: number): void {
  if (seconds >= 1 && seconds <= MOST_LEASE_SECONDS) return;
  throw new Refused('bad-lease-seconds', `expected 1 to ${MOST_LEASE_SECONDS} seconds, got ${seconds}`, [
    'leaseSeconds',
  ]);
}
