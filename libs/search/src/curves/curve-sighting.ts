/** What one detector saw in a curve. */

export const SIGHTING_VERDICTS = ['found', 'not-found', 'not-known'] as const;
export type SightingVerdict = (typeof SIGHTING_VERDICTS)[number];

export interface Sighting {
  /** `not-known` where the curve is too short, was cut off or lacks the metric. */
  readonly verdict: SightingVerdict;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly numbers: Readonly<Record<string, number | null>>;
  /** Where it shows. */
  readonly epochs: readonly number[];
}

export function notKnown(reason: string): Sighting {
  return { verdict: 'not-known', reason, numbers: {}, epochs: [] };
}

/** Epochs as people count them: 12, 12.5. */
export function showEpoch(epoch: number): string {
  return String(Number(epoch.toFixed(1)));
}
