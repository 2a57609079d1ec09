/** One thing that the protocol asks of a trainer, and whether it held. */

/** caution: it works, and costs something; skipped: it could not be tried. */
export const CHECK_OUTCOMES = ['pass', 'caution', 'fail', 'skipped'] as const;

export interface TrainerCheck {
  readonly name: string;
  readonly outcome: (typeof CHECK_OUTCOMES)[number];
  readonly expected: string;
  readonly came: string;
  /** What to do about it; null where it held. */
  readonly advice: string | null;
}

export type Verdict = Pick<TrainerCheck, 'outcome' | 'came'> & { readonly advice?: string };

/** Python's `json` and others write numbers that JSON has not. */
export function adviceOn(came: string, usual: string): string {
  return /\bNaN\b|Infinity/.test(came)
    ? 'JSON has no NaN and no Infinity: send null where a number is not finite'
    : usual;
}
