/** Names of the folders in a trial's checkpoint folder: `step-000123` a model to use, `state-000123` a state to continue from. */

export const CHECKPOINT_KINDS = ['step', 'state'] as const;
export type CheckpointKind = (typeof CHECKPOINT_KINDS)[number];

export function checkpointName(kind: CheckpointKind, step: number): string {
  return `${kind}-${String(step).padStart(6, '0')}`;
}

/** The step in a name that `checkpointName` made, else undefined. */
export function stepOfName(kind: CheckpointKind, name: string): number | undefined {
  const digits = /^(step|state)-(\d{6,})$/.exec(name);
  return digits?.[1] === kind ? Number(digits[2]) : undefined;
}
