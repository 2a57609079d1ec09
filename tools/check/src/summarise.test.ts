import { describe, expect, it } from 'vitest';
import type { StepResult } from './run-step.ts';
import { summarise } from './summarise.ts';

const surroundings = { root: '/nowhere/x', env: {} };

function step(name: string, isOk: boolean): StepResult {
  return { step: { name, command: ['x'], ...(name === 'tests' && { countsTests: true }) }, isOk, durationMs: 1234 };
}

describe('the end of npm test', () => {
  it('is the count of tests, on the last line', () => {
    const tally = { passed: 412, failed: 0, skipped: [{ file: 'a.test.ts', name: 'opens (needs PostgreSQL)' }] };
    const { lines, isGood } = summarise([step('types', true), step('tests', true)], tally, surroundings);
    expect(lines.at(-1)).toBe('412 passed, 0 failed, 1 skipped');
    expect(lines).toContain('ok      types (1.2 s)');
    expect(isGood).toBe(true);
  });

  it('counts each other step that failed as one', () => {
    const results = [step('types', false), step('lint', false), step('tests', true)];
    const { lines, isGood } = summarise(results, { passed: 3, failed: 0, skipped: [] }, surroundings);
    expect(lines.at(-1)).toBe('3 passed, 2 failed, 0 skipped');
    expect(isGood).toBe(false);
  });

  it('does not count failed tests twice', () => {
    const { lines } = summarise([step('tests', false)], { passed: 3, failed: 2, skipped: [] }, surroundings);
    expect(lines.at(-1)).toBe('3 passed, 2 failed, 0 skipped');
  });

  it('is a failure where vitest could not count, or failed without a failed test', () => {
    expect(summarise([step('tests', false)], undefined, surroundings).isGood).toBe(false);
    const { lines } = summarise([step('tests', false)], { passed: 3, failed: 0, skipped: [] }, surroundings);
    expect(lines.at(-1)).toBe('3 passed, 1 failed, 0 skipped');
  });

  it('turns skips into failures where everything is required', () => {
    const tally = { passed: 1, failed: 0, skipped: [{ file: 'a.test.ts', name: 'opens (needs PostgreSQL)' }] };
    const required = { ...surroundings, env: { KINETUNE_REQUIRE_ALL: '1' } };
    expect(summarise([step('tests', true)], tally, required).lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  });
});
