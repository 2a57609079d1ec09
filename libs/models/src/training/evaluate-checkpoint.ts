/** A model that was kept, on people that it has never seen. */
import { join } from 'node:path';
import { InputError } from '@kinetune/study';
import { checkpointName } from '../checkpoint/checkpoint-name.ts';
import { readModelCheckpoint } from '../checkpoint/model-checkpoint.ts';
import type { StoredTensor } from '../checkpoint/safetensors.ts';
import { createModel } from '../create-model.ts';
import { createEngine, type EngineOptions, type NamedArray } from '../engine/index.ts';
import { scoreValidation, type ValidationScore } from './score-validation.ts';
import type { LabelledWindows } from './trial-data.ts';

export interface HeldOutWindows extends LabelledWindows {
  readonly subjectNames: readonly string[];
  /** Of the split that says who is held out: another one's test people may be people that the model was trained on. */
  readonly splitHash: string;
}

/** Plain mean cross-entropy in nats, accuracy, macro-F1, and the counts behind them. */
export type CheckpointScore = ValidationScore;

/** Rows evaluated at once; the model's own batch size does not matter here. */
const BATCH_SIZE = 128;

/**
 * TensorFlow must be loaded (`loadTensorFlow`). Nothing is written.
 * @throws InputError for a checkpoint that is missing, damaged or of another split, and where nobody is held out.
 */
export async function evaluateCheckpoint(
  { checkpointFolder, step }: { readonly checkpointFolder: string; readonly step: number },
  held: HeldOutWindows,
): Promise<CheckpointScore> {
  const folder = join(checkpointFolder, checkpointName('step', step));
  const { description, weights } = await readModelCheckpoint(folder);
  const { family, hyperparameters, input } = description;
  const { window, channels, labels, source } = input;
  if (source['splitHash'] !== held.splitHash)
    throw new InputError(
      'other-split',
      `expected the split that the model was trained with (${String(source['splitHash'])}), got ${held.splitHash}: its test people may be people that it was trained on`,
      { file: folder },
    );
  if (held.labels.length === 0)
    throw new InputError('nobody-held-out', 'expected windows of test people, and the split has none');
  const shape = { windowLength: window.length, channelCount: channels.length, classCount: labels.length };
  await using engine = await createEngine({
    model: createModel(family, hyperparameters, shape) as EngineOptions['model'],
    optimizer: { type: 'sgd', weightDecay: 0, momentum: 0, nesterov: false },
    loss: {},
    // The engine calls its rows by what they are for; these are never trained on.
    data: { train: { x: held.samples, y: held.labels } },
    batchSize: Math.min(BATCH_SIZE, held.labels.length),
    seed: 0,
  });
  engine.importState({ ...engine.exportState(), step, weights: arraysOf(weights, folder) });
  const { outputs } = await engine.evaluate('train', { outputs: true });
  return scoreValidation(outputs as Float32Array, held, {
    classCount: labels.length,
    subjectNames: held.subjectNames,
  });
}

function arraysOf(weights: ReadonlyMap<string, StoredTensor>, file: string): ReadonlyMap<string, NamedArray> {
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      if (!(data instanceof Float32Array))
        throw new InputError('checkpoint-damaged', `expected float32 weights, ${name} are others`, { file });
      return [name, { shape, values: data }];
    }),
  );
}
