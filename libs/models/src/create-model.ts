import { InputError } from '@kinetune/study';
import { cnn1dHyperparameters } from './catalogue/cnn1d.ts';
import { convTransformerHyperparameters } from './catalogue/conv-transformer.ts';
import type { HyperparameterValues, ModelShape } from './catalogue/definition.ts';
import { findFamily } from './catalogue/model-families.ts';
import { vit1dHyperparameters } from './catalogue/vit1d.ts';
import { createCnn1d } from './cnn1d/cnn1d.ts';
import { createConvTransformer } from './conv-transformer/conv-transformer.ts';
import type { Model } from './model.ts';
import { createVit1d } from './vit1d/vit1d.ts';

const builders: Readonly<Record<string, (values: HyperparameterValues, shape: ModelShape) => Model>> = {
  cnn1d: (values, shape) => createCnn1d(cnn1dHyperparameters(values), shape),
  vit1d: (values, shape) => createVit1d(vit1dHyperparameters(values), shape),
  'conv-transformer': (values, shape) => createConvTransformer(convTransformerHyperparameters(values), shape),
};

/**
 * The model of a family. Hyperparameters it does not know are ignored, missing ones take the catalogue's default.
 * @throws InputError (`unknown-model`, `invalid-configuration`) listing every reason why it cannot be built.
 */
export function createModel(family: string, values: HyperparameterValues, shape: ModelShape): Model {
  const problems = findFamily(family).validate(values, shape);
  if (problems.length > 0) {
    throw new InputError('invalid-configuration', `this ${family} cannot be built: ${problems.join('; ')}`);
  }
  return (builders[family] as (typeof builders)[string])(values, shape);
}
