/** Telling a person of problems that come again and again. */
import { inspect } from 'node:util';
import type { Study } from '@kinetune/storage';
import { EnvironmentError, InputError } from '@kinetune/study';
import type { Output } from './output.ts';

/** The same problem is told once in this time, ms. */
const QUIET_MS = 10 * 60_000;

export function tellOnce(output: Output): (problem: unknown, study?: Study) => void {
  const toldAtMs = new Map<string, number>();
  return (problem, study) => {
    const isKnown = problem instanceof InputError || problem instanceof EnvironmentError;
    const what = isKnown ? problem.message : inspect(problem);
    const text = study === undefined || what.includes(study.name) ? what : `${study.name}: ${what}`;
    const now = performance.now();
    if (now - (toldAtMs.get(text) ?? -Infinity) < QUIET_MS) return;
    for (const [old, at] of toldAtMs) if (now - at > QUIET_MS) toldAtMs.delete(old);
    toldAtMs.set(text, now);
    output.warn(text);
  };
}
