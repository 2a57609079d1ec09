/** What the slots of a study do next: the trials that are queued, and where there is none a new configuration. */
import {
  claimTrial,
  countTrials,
  findStudy,
  nextConfigurationNumber,
  type Database,
  type Trial,
} from '@kinetune/storage';
import type { Proposal } from './propose-configuration.ts';

/** Disposed: waits for a proposal under way, so that nothing writes after it. End the sampler first, it may take long. */
export interface TrialQueue extends AsyncDisposable {
  /** Whether there is, or may yet be, something for a slot to do; waits while only a running trial's return can tell. */
  hasWork(): Promise<boolean>;
  claim(claimant: { agentId: string; slotId: string; device: string }): Promise<Trial | undefined>;
  /** A claimed trial was given back or ended. */
  release(): void;
  /** Whether the sampler has said that the space holds no further configuration. */
  readonly isSpaceUsedUp: boolean;
}

export interface TrialQueueOptions {
  readonly studyId: string;
  /** One past the last number that is proposed. */
  readonly endConfiguration: number;
  readonly propose: () => Promise<Proposal>;
  /** Ends waiting for a proposal. */
  readonly stop: AbortSignal;
}

export function createTrialQueue(
  db: Database,
  { studyId, endConfiguration, propose, stop }: TrialQueueOptions,
): TrialQueue {
  let running = 0;
  let waiting: (() => void)[] = [];
  let isSpaceUsedUp = false;
  let claiming: Promise<unknown> = Promise.resolve();
  let proposing: Promise<unknown> = Promise.resolve();
  /** Claims what is queued, and proposes where nothing is; the slots come one after the other. */
  const claimNext = async (claimant: Parameters<TrialQueue['claim']>[0]): Promise<Trial | undefined> => {
    const trial = await claimTrial(db, { studyId, ...claimant });
    if (trial !== undefined || isSpaceUsedUp || stop.aborted) return trial;
    const proposed = propose();
    proposing = proposed.catch(() => {});
    const proposal = await orStopped(proposed, stop);
    if (proposal === 'space-used-up') isSpaceUsedUp = true;
    return proposal === 'proposed' ? claimTrial(db, { studyId, ...claimant }) : undefined;
  };
  const isRunning = async (): Promise<boolean> => (await findStudy(db, studyId))?.state === 'RUNNING';
  const hasQueued = async (): Promise<boolean> => (await countTrials(db, studyId)).QUEUED > 0;
  const canPropose = async (): Promise<boolean> =>
    !isSpaceUsedUp && (await nextConfigurationNumber(db, studyId)) < endConfiguration;
  return {
    async hasWork() {
      for (;;) {
        // Paused or cancelled: nothing is claimed.
        if (!(await isRunning())) return false;
        if ((await hasQueued()) || (await canPropose())) return true;
        if (running === 0) return false;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async claim(claimant) {
      running++;
      const claimed = claiming.then(() => claimNext(claimant));
      claiming = claimed.catch(() => {});
      try {
        const trial = await claimed;
        if (trial === undefined) this.release();
        return trial;
      } catch (error) {
        this.release();
        throw error;
      }
    },
    release() {
      running--;
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
    get isSpaceUsedUp() {
      return isSpaceUsedUp;
    },
    async [Symbol.asyncDispose]() {
      await proposing;
    },
  };
}

async function orStopped(proposal: Promise<Proposal>, stop: AbortSignal): Promise<Proposal | 'stopped'> {
  let onStop = (): void => {};
  const stopped = new Promise<'stopped'>((resolve) => {
    onStop = () => resolve('stopped');
    stop.addEventListener('abort', onStop, { once: true });
  });
  try {
    return await Promise.race([proposal, stopped]);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}
