/**
 * An agent that only measures, as a process of its own on a shared database: node measuring-agent.ts HOME TRIAL_ID TOKEN STEPS
 * Writes its steps one transaction each, with pauses that differ between agents, and prints `done`. DATABASE_URL: PostgreSQL.
 */
import { setTimeout } from 'node:timers/promises';
import { finishTrial, openPostgres, recordMeasurements } from '@kinetune/storage';

const [home, trialId, token, steps] = process.argv.slice(2) as [string, string, string, string];
await using storage = await openPostgres(home, process.env['DATABASE_URL'] as string);
const writer = { trialId, fencingToken: Number(token) };
for (let step = 1; step <= Number(steps); step++) {
  const values = { trainLoss: 1 / step, validationAccuracy: 1 - 1 / step };
  const { outcome } = await recordMeasurements(storage.db, writer, [{ step, epoch: step, values }]);
  if (outcome !== 'written') throw new Error(`step ${step} was refused: ${outcome}`);
  await setTimeout((step * (1 + Number(token))) % 7);
}
await finishTrial(storage.db, writer, { state: 'COMPLETED' });
process.stdout.write('done\n');
