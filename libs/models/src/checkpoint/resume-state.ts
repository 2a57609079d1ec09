/**
 * The state to continue a trial from: `state-000123/{state.safetensors, state.json, SHA256SUMS}`, written at the end of an epoch.
 * The measurements up to it are in the trial's log (measurement-log.ts).
 */
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import { checkpointName } from './checkpoint-name.ts';
import { readDurableFolder, writeFolderDurably } from './durable-folder.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

const TENSORS = 'state.safetensors';
const STATE = 'state.json';

export interface ResumeState {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Whole epochs done. */
  readonly epoch: number;
  /** What the trial is; a state of another trial is refused. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Everything in the engine that the next step depends on: weights, optimizer slots, averaged weights, counters. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

export async function writeResumeState(trialFolder: string, { tensors, ...facts }: ResumeState): Promise<void> {
  await writeFolderDurably(join(trialFolder, checkpointName('state', facts.step)), {
    [TENSORS]: encodeSafetensors({ tensors, metadata: { format: 'kinetune-state' } }),
    [STATE]: new TextEncoder().encode(`${JSON.stringify(facts, null, 2)}\n`),
  });
}

/** @throws InputError when it is damaged. */
export async function readResumeState(trialFolder: string, step: number): Promise<ResumeState> {
  const folder = join(trialFolder, checkpointName('state', step));
  const files = await readDurableFolder(folder);
  const tensors = files[TENSORS];
  const json = files[STATE];
  if (tensors === undefined || json === undefined) {
    throw new InputError('checkpoint-damaged', `a state holds ${TENSORS} and ${STATE}`, { file: folder });
  }
  const facts = JSON.parse(new TextDecoder().decode(json)) as Omit<ResumeState, 'tensors'>;
  return { ...facts, tensors: decodeSafetensors(tensors, join(folder, TENSORS)).tensors };
}
