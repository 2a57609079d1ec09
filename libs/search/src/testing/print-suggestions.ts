/**
 * Prints the suggestions of a sampler as JSON, so that a test can compare them with its own process:
 * `node print-suggestions.ts '<settings as JSON>'`.
 */
import { samplerSettings } from '@kinetune/study';
import { createSampler } from '../create-sampler.ts';
import { mixedSpace } from './sample-spaces.ts';
import { runStudy } from './run-study.ts';

const settings = samplerSettings.parse(JSON.parse(process.argv[2] ?? '{}'));
const sampler = createSampler(settings, { phase: 'exploit', trialCount: 40, parallelism: 1 });
process.stdout.write(JSON.stringify(runStudy(sampler, mixedSpace, { count: 10 }).suggested));
