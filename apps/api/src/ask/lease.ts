/** The lease of a trial that was asked for: what it names, and what may be written with it. */
import {
  findStudy,
  findTrial,
  requeueExpiredLeases,
  type Database,
  type Study,
  type Trial,
  type TrialWriter,
  type TrialWriteRefused,
} from '@kinetune/storage';
import { diagnoseTrials } from '../agent/diagnose-trial.ts';
import { MAX_FAILURES } from '../agent/settle-attempt.ts';
import { Refused } from '../graphql/refusal.ts';
import type { AskDesk } from './ask-desk.ts';

export interface Held {
  readonly writer: TrialWriter;
  readonly trial: Trial;
  readonly study: Study;
}

export function leaseOf({ id, fencingToken }: Trial): string {
  return `${id}.${fencingToken}`;
}

/** What a lease names. @throws Refused for what is none, and for trials that agents train. */
export async function readLease(db: Database, lease: string): Promise<Held> {
  const refuse = (code: string, message: string): never => {
    throw new Refused(code, message, ['lease']);
  };
  const [, trialId = '', token] = /^([0-9a-f-]{36})\.(\d{1,9})$/.exec(lease) ?? [];
  if (token === undefined)
    refuse('bad-lease', `expected a lease as askConfiguration gave it, got ${lease.slice(0, 100)}`);
  const trial = await findTrial(db, trialId);
  const study = trial && (await findStudy(db, trial.studyId));
  if (trial === undefined || study === undefined)
    return refuse('unknown-trial', 'expected the lease of a trial, and its trial does not exist any more');
  if (study.trainer.kind !== 'ask')
    refuse(
      'bad-lease',
      `expected the lease of a trial that was asked for, and those of ${study.name} are trained by agents`,
    );
  return { writer: { trialId, fencingToken: Number(token) }, trial, study };
}

/** What was written; who may not write is told why, and an expired trial goes back into the queue. */
export async function writing<T extends { readonly outcome: string }>(
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

/** The trial as it is now. */
export async function heldTrial(db: Database, { trial }: Held): Promise<Trial> {
  return (await findTrial(db, trial.id)) ?? trial;
}

/** What follows when a trial has ended: its curve is diagnosed, and the study may have nothing left to do. */
export async function afterEnd(
  { db, askDesk }: { readonly db: Database; readonly askDesk: AskDesk },
  held: Held,
): Promise<void> {
  await diagnoseTrials(db, held.study, [await heldTrial(db, held)]);
  await askDesk.settle(held.study);
}
