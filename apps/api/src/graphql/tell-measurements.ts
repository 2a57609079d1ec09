/** Telling what a trial that was asked for measured. */
import { finishTrial, recordMeasurements, type NewMeasurement, type Study } from '@kinetune/storage';
import { didYouMean } from '@kinetune/study';
import { afterEnd, heldTrial, readLease, writing } from '../ask/lease.ts';
import { builder } from './builder.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused } from './refusal.ts';

const MOST_MEASUREMENTS = 1_000;

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

builder.mutationField('tellMeasurements', (t) =>
  t.field({
    type: ToldType,
    description: 'Stores what a trial measured, each step once however often it is told, and renews the lease.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: TellInput, required: true }) },
    resolve: async (_, { input }, { db, askDesk }): Promise<Told> => {
      checkBounds(input);
      if (input.measurements.length > MOST_MEASUREMENTS)
        throw new Refused(
          'too-many-measurements',
          `expected at most ${MOST_MEASUREMENTS} measurements at a time, got ${input.measurements.length}: tell them in parts`,
          ['measurements'],
        );
      const held = await readLease(db, input.lease);
      const { writer, study } = held;
      const measurements = input.measurements.map((one, index) => checkMeasurement(one, { index, study }));
      const written = await writing(db, () => recordMeasurements(db, writer, measurements));
      const trial = await heldTrial(db, held);
      const decision = await askDesk.judge(study, trial);
      const stop = decision?.reason ?? null;
      if (stop !== null) {
        await writing(db, () => finishTrial(db, writer, { state: 'PRUNED', reasonCode: 'pruned', reason: stop }));
        await afterEnd({ db, askDesk }, held);
      }
      return { storedCount: written.changedCount, stop, leaseEndsAt: stop === null ? trial.leaseEndsAt : null };
    },
  }),
);

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
