/**
 * A sampler thread for tests that is busy, without a pause, until the file that SAMPLER_UNTIL names exists: for as long as a Gaussian
 * process may be. Its first suggestion comes at once.
 */
import { existsSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { haltonSampler } from '@kinetune/search';
import type { SamplerSetup } from '../agent/sampler-messages.ts';
import { serveSampler } from '../agent/serve-sampler.ts';

const until = process.env.SAMPLER_UNTIL as string;
serveSampler(parentPort as MessagePort, workerData as SamplerSetup, {
  sampler(request) {
    while (request.index > 0 && !existsSync(until));
    return haltonSampler(request);
  },
  accepts: undefined,
});
