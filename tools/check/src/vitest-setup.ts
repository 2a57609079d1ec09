/** Warnings fail: what Node would print as a warning (a deprecation, a leak of listeners) fails the test it came from. */
import { afterEach, expect } from 'vitest';

const warnings: string[] = [];

process.on('warning', (warning) => {
  // Those of packages that we cannot mend are told by where they arise.
  const isOurs = !warning.stack?.includes('/node_modules/');
  if (isOurs) warnings.push(`${warning.name}: ${warning.message}`);
});

afterEach(() => {
  expect(warnings.splice(0), 'warnings that Node emitted during the test').toEqual([]);
});
