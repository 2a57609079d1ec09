/** Ending a trial that was asked for. */
import { finishTrial, requeueTrial, type Trial, type TrialEnd } from '@kinetune/storage';
import { MAX_FAILURES } from '../agent/settle-attempt.ts';
import { afterEnd, heldTrial, readLease, writing, type Held } from '../ask/lease.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { valuesOf } from './enums.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, requireText } from './refusal.ts';
import { TrialType } from './trial-type.ts';

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

builder.mutationField('finishTrial', (t) =>
  t.field({
    type: TrialType,
    description:
      'Ends a trial, once; said again it gives the trial as it ended. A FAILED one is QUEUED again up to a cap.',
    errors: { types: [Refused] },
    args: { input: t.arg({ type: FinishInput, required: true }) },
    resolve: async (_, { input }, context): Promise<Trial> => {
      checkBounds(input);
      const { state } = input;
      const reason = state === 'COMPLETED' ? input.reason?.trim() : requireText('reason', input.reason ?? '');
      return finish(context, await readLease(context.db, input.lease), { state, reason });
    },
  }),
);

type Finish = { readonly state: (typeof FINISHED_STATES)[number]; readonly reason: string | undefined };

async function finish({ db, askDesk }: Context, held: Held, { state, reason = '' }: Finish): Promise<Trial> {
  const { writer, trial } = held;
  // An answer that was lost is asked for again: what ended under this lease is said again.
  if (trial.state !== 'RUNNING' && trial.fencingToken === writer.fencingToken) return trial;
  if (state === 'FAILED') {
    await writing(db, () => requeueTrial(db, writer, { reasonCode: 'machine', reason, maxFailures: MAX_FAILURES }));
  } else {
    await writing(db, () => finishTrial(db, writer, endOf(trial, { state, reason })));
    await afterEnd({ db, askDesk }, held);
  }
  return heldTrial(db, held);
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
