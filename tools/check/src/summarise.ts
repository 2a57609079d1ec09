import type { StepResult } from './run-step.ts';
import { judgeSkips, type SkipSurroundings } from './skipped-tests.ts';
import type { TestTally } from './tally-reporter.ts';

export interface Summary {
  /** Skipped tests, steps, and last the count. */
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

/** What `npm test` says at its end. `tally` is undefined where vitest did not get to count. */
export function summarise(
  results: readonly StepResult[],
  tally: TestTally | undefined,
  surroundings: SkipSurroundings,
): Summary {
  const skips = judgeSkips(tally?.skipped ?? [], surroundings);
  const steps = results.map(({ step, isOk, durationMs }) => {
    return `${isOk ? 'ok    ' : 'FAILED'}  ${step.name} (${(durationMs / 1000).toFixed(1)} s)`;
  });
  // A test that failed is in the tally already; vitest failing for any other reason counts like every other step.
  const failedSteps = results.filter(({ step, isOk }) => !isOk && !(step.countsTests && tally && tally.failed > 0));
  const failed = (tally?.failed ?? 0) + failedSteps.length + skips.failedCount;
  const skipped = (tally?.skipped.length ?? 0) - skips.failedCount;
  const count = `${tally?.passed ?? 0} passed, ${failed} failed, ${skipped} skipped`;
  return { lines: [...skips.lines, ...steps, '', count], isGood: failed === 0 };
}
