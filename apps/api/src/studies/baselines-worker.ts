/** The thread that baselines are scored on. */
import { readWindows, runBaselines } from '@kinetune/data';
import type { Baseline } from './data-summary.ts';
import { answerRequest } from './run-on-thread.ts';
import type { BaselinesRequest } from './score-baselines.ts';

await answerRequest(async ({ windowsFile, split }: BaselinesRequest): Promise<readonly Baseline[]> => {
  const scores = Object.values(runBaselines(await readWindows(windowsFile), split));
  return scores.map(({ name, accuracy, macroF1 }) => ({ name, accuracy, macroF1 }));
});
