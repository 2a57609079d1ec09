import type { Values } from '@kinetune/study';
import { registerAgent, type Agent } from '../agents.ts';
import type { TrialWriter } from '../change-trial.ts';
import { claimTrial } from '../claim-trial.ts';
import { createConfiguration } from '../configurations.ts';
import type { Database } from '../database.ts';
import { createStudy } from '../studies.ts';
import type { NewStudy, Study } from '../study.ts';
import type { Trial } from '../trial.ts';
import { sampleStudy } from './sample-study.ts';

export interface RunningStudy {
  readonly study: Study;
  readonly agent: Agent;
  /** Adds configuration `number` with trials of these seeds (one unless stated) and these values. */
  readonly propose: (number: number, seeds?: readonly number[], values?: Values) => Promise<readonly Trial[]>;
  /** Claims the next trial; fails when none is queued. */
  readonly claim: () => Promise<{ readonly trial: Trial; readonly writer: TrialWriter }>;
}

let studies = 0;

/** A new study of its own name with an agent of one slot, for tests that share a database. */
export async function runningStudy(db: Database, changes: Partial<NewStudy> = {}): Promise<RunningStudy> {
  const study = await createStudy(db, sampleStudy({ name: `sample-${studies++}`, ...changes }));
  const agent = await registerAgent(db, { host: 'host', pid: 1, devices: ['CPU'] });
  const slotId = agent.slots[0]?.id as string;
  return {
    study,
    agent,
    async propose(number, seeds = [1], values = { learningRate: 0.01 }) {
      const { trials } = await createConfiguration(db, study.id, {
        number,
        values,
        spaceVersion: 1,
        samplerNote: { sampler: 'halton', engineVersion: 1, reason: 'test' },
        trials: seeds.map((seed) => ({ seed, fold: 0 })),
      });
      return trials;
    },
    async claim() {
      const trial = await claimTrial(db, { studyId: study.id, agentId: agent.id, slotId });
      if (trial === undefined) throw new Error('expected a queued trial');
      return { trial, writer: { trialId: trial.id, fencingToken: trial.fencingToken } };
    },
  };
}

/** A measurement of the sample study. */
export function measured(step: number, accuracy: number, trainLoss = 1 / (step + 1)) {
  return { step, epoch: step / 10, values: { trainLoss, validationAccuracy: accuracy } };
}
