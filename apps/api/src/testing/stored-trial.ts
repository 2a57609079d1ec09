import type { Trial } from '@kinetune/storage';

/** A completed trial as the database gives it, but for what is stated. */
export function storedTrial(stated: Partial<Trial>): Trial {
  const { number = 0, replicate = 0 } = stated;
  return {
    id: `trial-${number}-${replicate}`,
    studyId: 'study',
    configurationId: `configuration-${number}`,
    number,
    replicate,
    values: {},
    seed: 100 * number + replicate,
    fold: 0,
    state: 'COMPLETED',
    reasonCode: null,
    reason: null,
    attempts: 1,
    failures: 0,
    fencingToken: 1,
    agentId: null,
    slotId: null,
    device: null,
    fingerprint: null,
    runtime: null,
    weightCount: 1000,
    totalSteps: 100,
    totalEpochs: 10,
    lastStep: 100,
    resumableStep: 100,
    bestStep: 60,
    bestValue: 0.8,
    earlierRunningMs: 0,
    queuedAt: new Date(0),
    startedAt: new Date(0),
    heartbeatAt: null,
    leaseEndsAt: null,
    finishedAt: new Date(0),
    diagnosis: null,
    ...stated,
  };
}
