/** Agents that are killed, a database that restarts, a network that is cut, a disk that is full: every trial ends once all the same. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { retryFailedTrials } from '@kinetune/storage';
import { findPostgres, startPostgres, type PostgresServer } from '@kinetune/storage/testing';
import { SILENT_AGENT_MS, startFleet, type Fleet, type JournalEntry, type Worker } from './testing/fleet.ts';
import { createSeverableNetwork } from './testing/severable-network.ts';

const hasPostgres = findPostgres() !== undefined;
const noPostgres = hasPostgres ? '' : ' (skipped: PostgreSQL is not installed)';
const LIMIT_MS = 90_000;
/** A training that takes longer than an agent may be silent. */
const LONG = { epochs: 60, epochMs: 150 };

let postgres: PostgresServer;
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres();
}, 60_000);
afterAll(async () => {
  if (hasPostgres) await postgres[Symbol.asyncDispose]();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a worker is in the middle of a trial: it has computed an epoch of one, and has several before it. */
async function inTheMiddle(worker: Worker, { after = 0 } = {}): Promise<JournalEntry> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    const entries = worker.journal();
    const last = entries.at(-1);
    if (entries.length > after && last !== undefined && last.epoch >= 2 && last.epoch <= 5) return last;
    await sleep(10);
  }
  throw new Error('expected a worker to train');
}

/** Waits until another agent has a trial that one had before. */
async function takenOver(fleet: Fleet, trial: number): Promise<void> {
  const now = async (): Promise<unknown> => {
    const found = (await fleet.trials()).find(({ number }) => number === trial);
    // All that tells why, where it is not.
    return found !== undefined && found.attempts > 1 ? 'taken over' : found;
  };
  await expect.poll(now, { timeout: LIMIT_MS, interval: 100 }).toBe('taken over');
}

/** Epochs that were computed more than once: `trial epoch`. */
function doubled(journal: readonly JournalEntry[]): readonly string[] {
  const names = journal.map(({ trial, epoch }) => `${trial} ${epoch}`);
  return names.filter((name, index) => names.indexOf(name) !== index);
}

describe.skipIf(!hasPostgres)(`a fleet on PostgreSQL${noPostgres}`, { timeout: 180_000 }, () => {
  const trainer = { epochs: 8, epochMs: 120 };

  it('goes on when an agent is killed by SIGKILL in the middle of an epoch: another takes its trial from its last epoch', async () => {
    await using fleet = await startFleet({ url: postgres.newDatabase(), trials: 8, trainer });
    const [doomed, survivor] = [fleet.addWorker(), fleet.addWorker()];
    await fleet.begin();
    await inTheMiddle(survivor);
    const { trial, epoch } = await inTheMiddle(doomed);
    doomed.kill('SIGKILL');
    await fleet.completed(LIMIT_MS);
    expect(await fleet.flaws()).toEqual([]);
    expect(await fleet.stop()).toEqual([]);
    expect(doubled(fleet.journal())).toEqual([]);
    const taken = survivor.journal().filter((entry) => entry.trial === trial);
    expect(taken[0]?.epoch).toBeGreaterThan(epoch);
    expect((await fleet.trials()).filter(({ attempts }) => attempts > 1).map(({ number }) => number)).toEqual([trial]);
  });

  it.each(['immediate', 'fast'] as const)('goes on when the database restarts in the middle (%s)', async (how) => {
    await using fleet = await startFleet({ url: postgres.newDatabase(), trials: 8, trainer });
    const workers = [fleet.addWorker(), fleet.addWorker()];
    await fleet.begin();
    for (const worker of workers) await inTheMiddle(worker);
    postgres.stop(how);
    await sleep(1_500);
    postgres.start();
    await fleet.completed(LIMIT_MS);
    expect(await fleet.flaws()).toEqual([]);
    expect(await fleet.stop()).toEqual([]);
    expect(doubled(fleet.journal())).toEqual([]);
  });

  it('is not changed by an agent that was frozen for longer than it may be silent, and wakes', async () => {
    await using fleet = await startFleet({ url: postgres.newDatabase(), trials: 4, trainer: LONG });
    const [frozen, other] = [fleet.addWorker(), fleet.addWorker()];
    await fleet.begin();
    await inTheMiddle(other);
    const { trial } = await inTheMiddle(frozen);
    frozen.kill('SIGSTOP');
    await takenOver(fleet, trial);
    frozen.kill('SIGCONT');
    await fleet.completed(LIMIT_MS);
    expect(await fleet.flaws()).toEqual([]);
    expect(await fleet.stop()).toEqual([]);
  });

  it('waits before it tries a trial again whose folder cannot be made, and counts no failure of the trial', async () => {
    const store = mkdtempSync(join(tmpdir(), 'kinetune-store-'));
    onTestFinished(() => rmSync(store, { recursive: true }));
    const inTheWay = join(store, 'checkpoints');
    writeFileSync(inTheWay, 'a file where a folder should be');
    await using fleet = await startFleet({ url: postgres.newDatabase(), trials: 2, trainer, store });
    const worker = fleet.addWorker();
    await fleet.begin();
    await worker.until(/checkpoints/);
    await sleep(SILENT_AGENT_MS / 2);
    const attempts = (await fleet.trials()).map((trial) => trial.attempts);
    expect(Math.max(...attempts)).toBeLessThanOrEqual(4);
    rmSync(inTheWay);
    await fleet.completed(LIMIT_MS);
    expect(await fleet.flaws()).toEqual([]);
    expect((await fleet.trials()).map(({ failures }) => failures)).toEqual([0, 0]);
  });

  it('goes on when the network to an agent is cut for longer than it may be silent, and is not changed by it once healed', async () => {
    await using network = await createSeverableNetwork(postgres.port);
    const url = postgres.newDatabase();
    await using fleet = await startFleet({ url, trials: 5, trainer: LONG });
    const near = fleet.addWorker();
    const far = fleet.addWorker({ url: url.replace(/127\.0\.0\.1:\d+/, network.address), within: network.within });
    await fleet.begin();
    await inTheMiddle(near);
    const { trial } = await inTheMiddle(far);
    network.cut();
    await takenOver(fleet, trial);
    const before = far.journal().length;
    await sleep(SILENT_AGENT_MS / 4);
    // It had stopped by itself: nobody else may train where it still does.
    expect(far.journal()).toHaveLength(before);
    network.heal();
    await fleet.completed(LIMIT_MS);
    expect(await fleet.flaws()).toEqual([]);
    expect(await fleet.stop()).toEqual([]);
    expect(doubled(fleet.journal())).toEqual([]);
    // It has found its way back.
    expect(far.journal().length).toBeGreaterThan(before);
  });
});

const canMount = mayMount();

describe.skipIf(!hasPostgres || !canMount)(
  `a store without room${noPostgres}${canMount ? '' : ' (skipped: this process may not mount a tmpfs)'}`,
  { timeout: 180_000 },
  () => {
    it('fails trials with the reason, and once there is room they go on from their last epoch', async () => {
      const store = mountSmall();
      try {
        const trainer = { epochs: 8, epochMs: 120 };
        await using fleet = await startFleet({ url: postgres.newDatabase(), trials: 3, trainer, store });
        const worker = fleet.addWorker();
        await fleet.begin();
        await inTheMiddle(worker);
        const ballast = join(store, 'ballast');
        fill(ballast);
        await expect
          .poll(async () => (await fleet.trials()).some(({ state }) => state === 'FAILED'), { timeout: LIMIT_MS })
          .toBe(true);
        const failed = (await fleet.trials()).filter(({ state }) => state === 'FAILED');
        expect(failed[0]?.attempts).toBeLessThanOrEqual(4);
        rmSync(ballast);
        const { id } = await fleet.study();
        await expect
          .poll(
            async () => {
              await retryFailedTrials(fleet.db, id);
              return (await fleet.study()).state;
            },
            { timeout: LIMIT_MS, interval: 500 },
          )
          .toBe('COMPLETED');
        const flaws = await fleet.flaws();
        // Those that failed ended once before.
        expect(flaws.filter((flaw) => !/ended [2-9] times/.test(flaw))).toEqual([]);
        expect(worker.journal().length).toBeGreaterThanOrEqual(24);
      } finally {
        unmount(store);
      }
    });
  },
);

/** A folder with room for a megabyte. */
function mountSmall(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return folder;
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true });
}

function mayMount(): boolean {
  try {
    unmount(mountSmall());
    return true;
  } catch {
    return false;
  }
}

/** Writes until nothing more fits. */
function fill(file: string): void {
  for (const size of [100_000, 4_096, 512]) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size, 1), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}
