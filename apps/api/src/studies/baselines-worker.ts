/** The thread that baselines are scored on. */
import { parentPort, workerData } from 'node:worker_threads';
import { readWindows, runBaselines } from '@kinetune/data';
import { invariant } from '@kinetune/study';
import type { Baseline } from './data-summary.ts';
import type { BaselinesRequest } from './score-baselines.ts';

invariant(parentPort !== null, 'baselines-worker is started as a thread');
const { windowsFile, split } = workerData as BaselinesRequest;
const scores = Object.values(runBaselines(await readWindows(windowsFile), split));
parentPort.postMessage(scores.map(({ name, accuracy, macroF1 }): Baseline => ({ name, accuracy, macroF1 })));
