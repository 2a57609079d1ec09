/** A time as people write it on the command line. */
import { InvalidArgumentError } from 'commander';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90d`, `12h`, `30m`, `45s`; at most ten years. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(digits) * (UNIT_SECONDS[unit ?? ''] ?? NaN);
  if (!(seconds <= 3650 * 86_400))
    throw new InvalidArgumentError(`Expected a time like 90d, 12h, 30m or 45s, at most 3650d, got "${text}".`);
  return seconds;
}
