// What a hyperparameter and a model family are
export type {
  HyperparameterDefinition,
  HyperparameterValues,
  ModelFamily,
  ModelShape,
  TextDomain,
} from './definition.ts';

// The families
export { findFamily, modelFamilies } from './model-families.ts';
export { cnn1d, cnn1dHyperparameters, convolutionLayers, ORIGINAL_CNN_LAYERS } from './cnn1d.ts';
export { convTransformer, convTransformerHyperparameters, TOKEN_AXES } from './conv-transformer.ts';
export { vit1d, vit1dHyperparameters } from './vit1d.ts';

// Training
export {
  CLASS_WEIGHTINGS,
  OPTIMIZERS,
  trainingHyperparameters,
  type ClassWeighting,
  type OptimizerName,
} from './training-hyperparameters.ts';

// Checking values
export { valueProblems, withDefaults } from './values.ts';
