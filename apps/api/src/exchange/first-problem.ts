/** What zod found wrong first, in the words of our messages. */
import type { z } from 'zod';

/** `trials.0.state: expected a string, got a number`; the path begins with `at` where one is given. */
export function firstProblem({ issues: [issue] }: z.ZodError, at: readonly string[] = []): string {
  const path = [...at, ...(issue?.path ?? [])].map(String).join('.');
  const what = (issue?.message ?? 'not as expected')
    .replace(/^Invalid input: /, '')
    .replace(/received undefined$/, 'found none')
    .replace(/, received /, ', got ');
  return path === '' ? what : `${path}: ${what}`;
}
