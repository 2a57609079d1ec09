/**
 * A trained model with everything that is needed to use it on raw windows: the weights, and beside them the scaler, the label
 * map, the window, the channels with their units, and where it comes from.
 *
 *   step-000123/weights.safetensors   by weight name
 *   step-000123/model.json            a ModelDescription
 *   step-000123/SHA256SUMS
 */
import { join } from 'node:path';
import { type EvaluationResult, InputError, type Values } from '@kinetune/study';
import { checkpointName } from './checkpoint-name.ts';
import { readDurableFolder, writeFolderDurably } from './durable-folder.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

const FORMAT = 1;
const WEIGHTS = 'weights.safetensors';
const DESCRIPTION = 'model.json';

/** How the windows that a model takes are made from signals; T samples of C channels. */
export interface ModelInput {
  /** Standardised input is (raw - mean) / standardDeviation, by channel; fitted on the training people only. */
  readonly scaler: { readonly mean: readonly number[]; readonly standardDeviation: readonly number[] };
  /** In input order, with the unit that the raw values are in. */
  readonly channels: readonly { readonly name: string; readonly quantity: string; readonly unit: string }[];
  readonly sampleRateHz: number;
  /** In samples. */
  readonly window: { readonly length: number; readonly step: number };
  /** Class names; output k is the logit of `labels[k]`. */
  readonly labels: readonly string[];
  /** Which windows these were: data set, hashes, split; free facts for people and fingerprints. */
  readonly source: Readonly<Record<string, string | number | boolean>>;
}

export interface ModelDescription {
  readonly format: typeof FORMAT;
  readonly family: string;
  /** Every hyperparameter, defaults filled in. */
  readonly hyperparameters: Values;
  readonly input: ModelInput;
  readonly trial: {
    readonly id: string;
    readonly study: string;
    readonly number: number;
    readonly seed: number;
    readonly fold: number;
  };
  readonly step: number;
  readonly epoch: number;
  /** What was measured with these weights. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly evaluation: EvaluationResult;
  /** Whether the weights are the moving average over training (EMA) or those of the last step. */
  readonly hasAveragedWeights: boolean;
}

export interface ModelCheckpoint {
  readonly description: Omit<ModelDescription, 'format'>;
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

/** Writes `step-<step>` into a trial's folder, whole or not at all. */
export async function writeModelCheckpoint(
  trialFolder: string,
  { description, weights }: ModelCheckpoint,
): Promise<void> {
  const { family, step } = description;
  await writeFolderDurably(join(trialFolder, checkpointName('step', step)), {
    [WEIGHTS]: encodeSafetensors({ tensors: weights, metadata: { format: 'kinetune', family, step: String(step) } }),
    [DESCRIPTION]: new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, ...description }, null, 2)}\n`),
  });
}

/**
 * Reads the folder of one model checkpoint.
 * @throws InputError when it is damaged, or written by a newer version.
 */
export async function readModelCheckpoint(folder: string): Promise<ModelCheckpoint> {
  const files = await readDurableFolder(folder);
  const weights = files[WEIGHTS];
  const json = files[DESCRIPTION];
  if (weights === undefined || json === undefined) {
    throw new InputError('checkpoint-damaged', `a model checkpoint holds ${WEIGHTS} and ${DESCRIPTION}`, {
      file: folder,
    });
  }
  const { format, ...description } = JSON.parse(new TextDecoder().decode(json)) as Omit<ModelDescription, 'format'> & {
    readonly format: unknown;
  };
  if (format !== FORMAT) {
    throw new InputError('checkpoint-format', `has format ${String(format)}; this version reads format ${FORMAT}`, {
      file: join(folder, DESCRIPTION),
    });
  }
  return { description, weights: decodeSafetensors(weights, join(folder, WEIGHTS)).tensors };
}
