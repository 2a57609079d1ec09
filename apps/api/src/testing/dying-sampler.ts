/** A sampler thread for tests that dies of its first request, for as long as the file that SAMPLER_DEATHS names holds a number above 0. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { haltonSampler } from '@kinetune/search';
import type { SamplerSetup } from '../agent/sampler-messages.ts';
import { serveSampler } from '../agent/serve-sampler.ts';

const deaths = process.env.SAMPLER_DEATHS as string;
serveSampler(parentPort as MessagePort, workerData as SamplerSetup, {
  sampler(request) {
    const left = Number(readFileSync(deaths, 'utf8'));
    if (left > 0) {
      writeFileSync(deaths, String(left - 1));
      process.exit(9);
    }
    return haltonSampler(request);
  },
  accepts: undefined,
});
