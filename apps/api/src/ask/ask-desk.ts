/**
 * Trials for those who ask for them: loops that nobody may start for us, in a notebook or under a cluster's own scheduler. What is
 * proposed comes from the same samplers as for agents, and whoever was given a trial writes under the same fencing.
 */
import {
  claimTrial,
  countTrials,
  findStudy,
  finishTrial,
  recordTrialStart,
  requeueExpiredLeases,
  type Database,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { invariant, resolveValues, type Values } from '@kinetune/study';
import type { PruningDecision } from '@kinetune/search';
import { spaceOfConfiguration } from '../agent/search-plan.ts';
import { MAX_FAILURES } from '../agent/settle-attempt.ts';
import { endPhase } from '../scheduler/end-phase.ts';
import { proposerKey, startProposer, type StudyProposer } from '../scheduler/study-proposer.ts';
import { createAskedPruner, type AskedPruner } from './asked-pruner.ts';

export interface AskDesk extends AsyncDisposable {
  /** @throws InputError where the study starts from another one whose results mean something else. */
  ask(study: Study, asker: Asker): Promise<Asked>;
  /** Whether a pruner ends the trial, by what is stored of it. */
  judge(study: Study, trial: Trial): Promise<PruningDecision | undefined>;
  /** Completes the study, or begins its second phase, if there is nothing left to train. */
  settle(study: Study): Promise<void>;
}

export interface Asker {
  /** What people know it by. */
  readonly worker: string;
  readonly leaseSeconds: number;
}

export type Asked =
  | { readonly type: 'leased'; readonly trial: Trial; readonly configuration: Values; readonly epochs: number | null }
  | { readonly type: 'nothing'; readonly reason: NothingReason; readonly message: string };

/** BUSY: ask again later. The others last until somebody changes the study. */
export const NOTHING_REASONS = ['busy', 'finished', 'not-running'] as const;
export type NothingReason = (typeof NOTHING_REASONS)[number];

/** Proposals that came to nothing, since others ask at the same time, before the asker is told to come again. */
const MOST_ROUNDS = 20;

interface Served {
  proposer: StudyProposer | undefined;
  pruner: { readonly key: string; readonly value: Promise<AskedPruner | undefined> } | undefined;
  /** One asks at a time: what was proposed for one must be known to the next proposal. */
  last: Promise<unknown>;
}

export function createAskDesk(db: Database): AskDesk {
  const served = new Map<string, Served>();
  const halt = new AbortController();
  const servedOf = (study: Study): Served => {
    const known = served.get(study.id) ?? { proposer: undefined, pruner: undefined, last: Promise.resolve() };
    served.set(study.id, known);
    return known;
  };
  const inTurn = <T>(study: Study, work: (own: Served) => Promise<T>): Promise<T> => {
    const own = servedOf(study);
    const done = own.last.then(() => work(own));
    own.last = done.catch(() => {});
    return done;
  };
  /** A study that nobody can ask for keeps no sampler's thread. */
  const forget = async (studyId: string): Promise<void> => {
    const known = served.get(studyId);
    served.delete(studyId);
    await known?.proposer?.[Symbol.asyncDispose]();
  };

  const prunerOf = (study: Study): Promise<AskedPruner | undefined> => {
    const own = servedOf(study);
    const key = proposerKey(study);
    if (own.pruner?.key !== key) own.pruner = { key, value: createAskedPruner(db, study) };
    return own.pruner.value;
  };
  const propose = async (study: Study, own: Served) => {
    if (own.proposer?.key !== proposerKey(study)) {
      await own.proposer?.[Symbol.asyncDispose]();
      own.proposer = await startProposer(db, study, { parallelism: study.parallelism ?? 1, shape: {} });
    }
    return own.proposer.propose(study);
  };
  /** A trial that is worth its training. */
  const lease = async (study: Study, { worker, leaseSeconds }: Asker): Promise<Trial | undefined> => {
    for (;;) {
      const trial = await claimTrial(db, {
        studyId: study.id,
        agentId: null,
        slotId: null,
        device: worker,
        mostRunning: study.parallelism,
        leaseSeconds,
      });
      const needless = trial && (await (await prunerOf(study))?.needless(trial));
      if (trial === undefined || needless === undefined) return trial;
      await finishTrial(db, { trialId: trial.id, fencingToken: trial.fencingToken }, needless);
    }
  };

  const askInTurn = async (asked: Study, asker: Asker, own: Served): Promise<Asked> => {
    await requeueExpiredLeases(db, { studyId: asked.id, maxFailures: MAX_FAILURES });
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const study = await findStudy(db, asked.id);
      if (study?.state !== 'RUNNING') {
        await forget(asked.id);
        return notRunning(study ?? asked);
      }
      const trial = await lease(study, asker);
      if (trial !== undefined) return leased(db, study, trial);
      const { QUEUED, RUNNING } = await countTrials(db, study.id);
      if (study.parallelism !== null && RUNNING >= study.parallelism)
        return busy(`${study.name} trains at most ${study.parallelism} trials at once, and ${RUNNING} are running`);
      if (QUEUED > 0 || (await propose(study, own)) === 'proposed') continue;
      if (RUNNING > 0)
        return busy(
          `all configurations of ${study.name} are given out, and ${RUNNING} trials still run: one may come back`,
        );
      if ((await endPhase(db, study, halt.signal)) !== 'completed') continue;
      return { type: 'nothing', reason: 'finished', message: `${study.name} has no further configuration` };
    }
    return busy(`others ask ${asked.name} for trials at the same time`);
  };

  return {
    ask: (study, asker) => inTurn(study, (own) => askInTurn(study, asker, own)),
    judge: async (study, trial) => (await prunerOf(study))?.judge(trial),
    async settle({ id }) {
      const study = await findStudy(db, id);
      if (study?.state !== 'RUNNING') return;
      await inTurn(study, async (own) => {
        const { QUEUED, RUNNING } = await countTrials(db, id);
        if (QUEUED + RUNNING > 0) return;
        // Proposed ahead of the next asker, which is how a space tells that it is used up.
        if ((await propose(study, own)) === 'proposed') return;
        const end = await endPhase(db, study, halt.signal);
        if (end === 'completed' || end === 'paused') await forget(id);
      });
    },
    async [Symbol.asyncDispose]() {
      halt.abort();
      await Promise.all([...served.keys()].map(forget));
    },
  };
}

async function leased(db: Database, study: Study, trial: Trial): Promise<Asked> {
  const configuration = resolveValues(spaceOfConfiguration(study, trial.number), trial.values);
  const epochs = typeof configuration['epochs'] === 'number' ? configuration['epochs'] : null;
  if (epochs !== null && trial.totalEpochs === null) {
    const writer = { trialId: trial.id, fencingToken: trial.fencingToken };
    const written = await recordTrialStart(db, writer, { totalEpochs: epochs });
    invariant(written.outcome !== 'fenced', 'who has just claimed a trial holds it');
  }
  return { type: 'leased', trial, configuration, epochs };
}

function busy(message: string): Asked {
  return { type: 'nothing', reason: 'busy', message: `${message}: ask again later` };
}

function notRunning({ name, state }: Study): Asked {
  const isOver = state === 'COMPLETED';
  return {
    type: 'nothing',
    reason: isOver ? 'finished' : 'not-running',
    message: isOver
      ? `${name} is complete: extend its budget to go on`
      : `${name} is ${state}: expected a study that is RUNNING${state === 'PAUSED' ? ', resume it; trials that failed are tried again then' : ''}`,
  };
}
