import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface SkippedTest {
  readonly file: string;
  /** With the names of the suites around it. */
  readonly name: string;
  /** What the test said when it skipped itself. */
  readonly note?: string;
}

export interface TestTally {
  readonly passed: number;
  /** Tests, and files that could not be loaded, and errors outside of any test. */
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

/** Leaves the count of a vitest run in the file that `KINETUNE_TALLY_FILE` names. */
// eslint-disable-next-line import-x/no-default-export -- vitest finds a reporter by its default export
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env['KINETUNE_TALLY_FILE'];
    if (!file) throw new Error('KINETUNE_TALLY_FILE should name the file for the count');
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const brokenSuites = suites.filter((suite) => suite.errors().length > 0).length;
    const tally: TestTally = {
      passed: count('passed'),
      // A test still pending at the end was cut off.
      failed: count('failed') + count('pending') + brokenSuites + unhandledErrors.length,
      skipped: tests.filter((test) => test.result().state === 'skipped').map(describe),
    };
    writeFileSync(file, JSON.stringify(tally));
  }
}

function describe(test: TestCase): SkippedTest {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  const file = relative(process.cwd(), test.module.moduleId);
  return { file, name: test.fullName, ...(note === undefined ? {} : { note }) };
}
