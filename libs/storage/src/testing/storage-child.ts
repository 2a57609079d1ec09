/**
 * A process that opens a home and tells of it, for tests that kill it.
 *   node storage-child.ts HOME            prints `open`, holds the storage until its input ends
 *   node storage-child.ts HOME write      then measures without pause, printing each step once it is acknowledged
 * Where it cannot open: prints `CODE MESSAGE` and exits 3.
 */
import { EnvironmentError } from '@kinetune/study';
import { openStorage } from '../open-storage.ts';
import { findStudyByName } from '../studies.ts';
import { listTrials } from '../trials.ts';
import { requeueOrphans } from '../requeue-trial.ts';
import { recordMeasurements } from '../record-measurements.ts';
import { registerAgent } from '../agents.ts';
import { claimTrial } from '../claim-trial.ts';
import { measured, runningStudy } from './running-study.ts';

const [home, mode] = process.argv.slice(2) as [string, string | undefined];
try {
  await using storage = await openStorage(home);
  process.stdout.write('open\n');
  if (mode === 'write') await writeForEver();
  for await (const _ of process.stdin);

  async function writeForEver(): Promise<void> {
    const { db } = storage;
    if ((await findStudyByName(db, 'sample-0')) === undefined) {
      const { propose } = await runningStudy(db);
      await propose(0);
    }
    const study = await findStudyByName(db, 'sample-0');
    await requeueOrphans(db, []);
    const agent = await registerAgent(db, { host: 'host', pid: process.pid, devices: ['CPU'] });
    const studyId = study?.id as string;
    const trial = await claimTrial(db, { studyId, agentId: agent.id, slotId: agent.slots[0]?.id as string });
    const writer = { trialId: trial?.id as string, fencingToken: trial?.fencingToken as number };
    for (let step = ((await listTrials(db, studyId))[0]?.lastStep ?? 0) + 1; ; step++) {
      const { outcome } = await recordMeasurements(db, writer, [measured(step, 0.5)]);
      process.stdout.write(`${outcome} ${step}\n`);
    }
  }
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stdout.write(`${error.code} ${error.message}\n`);
  process.exitCode = 3;
}
