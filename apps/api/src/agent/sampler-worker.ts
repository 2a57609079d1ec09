/** The thread that samplers run on: a Gaussian process may take a second, in which the process must hear its trainers. */
import { parentPort, workerData } from 'node:worker_threads';
import { createSampler } from '@kinetune/search';
import { invariant } from '@kinetune/study';
import { acceptance } from '../studies/acceptance.ts';
import type { SamplerSetup } from './sampler-messages.ts';
import { serveSampler } from './serve-sampler.ts';

invariant(parentPort !== null, 'sampler-worker is started as a thread');
const setup = workerData as SamplerSetup;
const { settings, context, space, model, shape } = setup;
const hasConstraints = (space.constraints ?? []).length > 0;
serveSampler(parentPort, setup, {
  sampler: createSampler(settings, context),
  accepts: hasConstraints ? acceptance(space, model, shape) : undefined,
});
