/** Text and numbers that the database cannot hold, from files that others wrote. */
import { storableText } from '@kinetune/study';

/** Deeper than any record of ours, and shallow enough to be written as JSON. */
const DEEPEST = 100;

/**
 * The same value with U+FFFD for NUL and for halves of a character, which PostgreSQL refuses in text and JSON, and numbers that are
 * not finite as words. What nests deeper than a hundred levels is left out.
 */
export function storable<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (typeof value === 'number') return (Number.isFinite(value) ? value : String(value)) as T;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (depth >= DEEPEST) return null as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => storable(inner, depth + 1)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner, depth + 1)]),
  ) as T;
}
