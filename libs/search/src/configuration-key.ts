import type { Values } from '@kinetune/study';

/** A text that two configurations share exactly when they are the same, in whatever order their names stand. */
export function configurationKey(values: Values): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
