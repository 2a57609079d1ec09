import { InputError } from '@kinetune/study';
import { cnn1d } from './cnn1d.ts';
import { convTransformer } from './conv-transformer.ts';
import type { ModelFamily } from './definition.ts';
import { vit1d } from './vit1d.ts';

export const modelFamilies: readonly ModelFamily[] = [cnn1d, vit1d, convTransformer];

/** The family of a study file's `model`. @throws InputError naming the families there are. */
export function findFamily(name: string): ModelFamily {
  const family = modelFamilies.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  const known = modelFamilies.map((candidate) => candidate.name).join(', ');
  throw new InputError('unknown-model', `the model must be one of ${known}, got "${name}"`);
}
