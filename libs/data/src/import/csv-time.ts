import type { TimeUnit } from './csv-options.ts';

const PER_SECOND: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** A decimal number; NaN for anything else, also for what float32 cannot hold. */
export function csvNumber(cell: string): number {
  const value = NUMBER.test(cell) ? Number(cell) : NaN;
  return Number.isFinite(Math.fround(value)) ? value : NaN;
}

/**
 * Seconds of a number in the file's unit or of an ISO 8601 time stamp, to all of its digits; NaN for anything else. A stamp without a
 * zone is taken as UTC, so that no machine's summer time makes a gap.
 */
export function csvTime(cell: string, unit: TimeUnit): number {
  const value = csvNumber(cell);
  if (!Number.isNaN(value)) return value / PER_SECOND[unit];
  const parts = ISO_TIME.exec(cell);
  if (parts === null) return NaN;
  const [, date = '', time = '', fraction = '0', zone = 'Z'] = parts;
  return Date.parse(`${date}T${time}${zone}`) / 1000 + Number(`0.${fraction}`);
}
