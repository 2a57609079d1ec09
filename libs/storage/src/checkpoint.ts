/** best: weights worth keeping; resume: the whole training state, to go on from. */
export const CHECKPOINT_KINDS = ['best', 'resume'] as const;

export interface Checkpoint {
  readonly kind: (typeof CHECKPOINT_KINDS)[number];
  readonly step: number;
  /** Where it lies, relative to the store that holds it. */
  readonly path: string;
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  /** The objective's metric at this step; null for one that is only resumed from. */
  readonly value: number | null;
}
