/**
 * The hyperparameters of training, common to all model families: optimizer, schedule, regularisation, augmentation, batch
 * and length. Defaults make a sound first run of a small model; the search ranges follow the Playbook and har.md's recipe.
 */
import { SCHEDULES } from '@kinetune/study';
import type { HyperparameterDefinition } from './definition.ts';

export const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'rmsprop'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

export const CLASS_WEIGHTINGS = ['none', 'balanced'] as const;
export type ClassWeighting = (typeof CLASS_WEIGHTINGS)[number];

const optimizer: readonly HyperparameterDefinition[] = [
  {
    name: 'optimizer',
    kind: 'optimizer',
    domain: { type: 'categorical', choices: OPTIMIZERS },
    default: 'adamw',
    description:
      "adam adds weight decay to the gradient, adamw applies it apart; sgd has Nesterov momentum; rmsprop is the original baseline's.",
  },
  {
    name: 'learningRate',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 1e-8, maximum: 10, scale: 'log' },
    default: 2e-3,
    search: { type: 'float', minimum: 1e-4, maximum: 1e-2, scale: 'log' },
    description: 'The highest rate of the schedule. The hyperparameter that matters most.',
    originalName: 'lr',
  },
  {
    name: 'weightDecay',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    default: 1e-3,
    search: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
    description: 'Pull of kernels and embeddings towards zero (not of biases and normalisation).',
  },
  {
    name: 'beta1',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 0, maximum: 0.9999, scale: 'linear' },
    default: 0.9,
    search: { type: 'categorical', choices: [0.8, 0.9, 0.95] },
    description: 'Adam: decay of the running mean of gradients.',
    originalName: 'beta1',
  },
  {
    name: 'beta2',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 0, maximum: 0.99999, scale: 'linear' },
    default: 0.999,
    search: { type: 'categorical', choices: [0.95, 0.99, 0.999] },
    description: "Adam: decay of the running mean of squared gradients. RMSprop: the same (PyTorch's alpha).",
    originalName: 'beta2',
  },
  {
    name: 'epsilon',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 1e-12, maximum: 10, scale: 'log' },
    default: 1e-8,
    search: { type: 'float', minimum: 1e-9, maximum: 1e-3, scale: 'log' },
    description:
      "Added to the denominator after bias correction, as in PyTorch; TensorFlow's and Keras's epsilon differs.",
    originalName: 'eps',
  },
  {
    name: 'momentum',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 0, maximum: 0.9999, scale: 'linear' },
    default: 0.9,
    search: { type: 'float', minimum: 0.8, maximum: 0.99, scale: 'linear' },
    description: 'SGD: share of the last update kept (Nesterov). Other optimizers do not read it.',
  },
];

const schedule: readonly HyperparameterDefinition[] = [
  {
    name: 'schedule',
    kind: 'schedule',
    domain: { type: 'categorical', choices: SCHEDULES },
    default: 'cosine',
    description:
      "How the learning rate moves. cosine ends at the last step; cosine-periodic is PyTorch's CosineAnnealingLR, which rises again after its half period.",
  },
  {
    name: 'warmupEpochs',
    kind: 'schedule',
    domain: { type: 'float', minimum: 0, maximum: 10_000, scale: 'linear' },
    default: 1,
    search: { type: 'float', minimum: 0, maximum: 5, scale: 'linear' },
    unit: 'epochs',
    description:
      'Length of the linear rise to learningRate before the schedule. For one-cycle its rise; 0 there means 30 % of the run.',
  },
  {
    name: 'finalLearningRate',
    kind: 'schedule',
    domain: { type: 'float', minimum: 0, maximum: 1, scale: 'linear' },
    default: 0,
    search: { type: 'float', minimum: 1e-8, maximum: 1e-5, scale: 'log' },
    description: 'The rate that linear and cosine end at.',
    originalName: 'eta_min',
  },
  {
    name: 'cosineHalfPeriodEpochs',
    kind: 'schedule',
    domain: { type: 'float', minimum: 0.01, maximum: 100_000, scale: 'log' },
    default: 50,
    search: { type: 'categorical', choices: [50, 100, 150, 200] },
    unit: 'epochs',
    description:
      'cosine-periodic only: epochs from the highest rate to the lowest; the rate is back at the top after twice as many.',
    originalName: 'T_max',
  },
];

const regularisation: readonly HyperparameterDefinition[] = [
  {
    name: 'labelSmoothing',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 0.99, scale: 'linear' },
    default: 0.1,
    search: { type: 'float', minimum: 0, maximum: 0.3, scale: 'linear' },
    description: 'Share of each target spread evenly over all classes.',
  },
  {
    name: 'classWeights',
    kind: 'regulariser',
    domain: { type: 'categorical', choices: CLASS_WEIGHTINGS },
    default: 'none',
    search: { type: 'categorical', choices: CLASS_WEIGHTINGS },
    description: 'balanced: each class counts inversely to its number of training windows, n / (K n_c).',
  },
  {
    name: 'clipNorm',
    kind: 'optimizer',
    domain: { type: 'float', minimum: 0, maximum: 1e6, scale: 'linear' },
    default: 0,
    search: { type: 'float', minimum: 0.1, maximum: 10, scale: 'log' },
    description:
      "Gradients of all weights together longer than this are scaled back to it (PyTorch's clip_grad_norm_). 0: never.",
  },
  {
    name: 'averageWeights',
    kind: 'regulariser',
    domain: { type: 'float', minimum: 0, maximum: 0.99999, scale: 'linear' },
    default: 0,
    search: { type: 'categorical', choices: [0, 0.99, 0.999] },
    description:
      'Decay of an exponential moving average of the weights a step, which is what is validated and kept. 0: none.',
  },
];

const augmentation: readonly HyperparameterDefinition[] = [
  strength(
    'jitter',
    0.5,
    0.1,
    'Standard deviation of white noise added to each sample, in standard deviations of its channel.',
  ),
  strength(
    'scaling',
    1,
    0.2,
    'Standard deviation of a factor around 1 for each sensor of a window, in physical units.',
  ),
  {
    ...strength(
      'rotationDegrees',
      180,
      30,
      'Largest angle of a random rotation about a random axis, one for all sensors of a window. 180: any orientation.',
    ),
    unit: 'degrees',
  },
  strength(
    'timeWarp',
    0.9,
    0.3,
    'Depth of a smooth random change of speed: 0.2 makes it up to 20 % faster or slower in places.',
  ),
  strength('magnitudeWarp', 1, 0.3, 'Standard deviation of a smooth random factor around 1 along time.'),
  {
    name: 'permutationPieces',
    kind: 'augmentation',
    domain: { type: 'int', minimum: 1, maximum: 64, scale: 'linear' },
    default: 1,
    search: { type: 'int', minimum: 1, maximum: 6, scale: 'linear' },
    description: 'Cuts each window into this many equal pieces and shuffles them. 1: none.',
  },
  strength(
    'shift',
    1,
    0.25,
    'Largest shift along time as a share of the window, either way; what leaves comes back at the other end.',
  ),
  strength('channelDrop', 0.95, 0.2, 'Probability that a channel of a window is replaced by its training mean.'),
  strength(
    'mixup',
    10,
    0.4,
    'Alpha of Beta(alpha, alpha), from which the share of a second window and its label is drawn. 0: none.',
  ),
];

const length: readonly HyperparameterDefinition[] = [
  {
    name: 'batchSize',
    kind: 'batch',
    domain: { type: 'int', minimum: 1, maximum: 65_536, scale: 'log' },
    default: 128,
    unit: 'windows',
    description: 'Windows a step. Not to be tuned for accuracy: everything else would have to be tuned again.',
  },
  {
    name: 'epochs',
    kind: 'steps',
    domain: { type: 'int', minimum: 1, maximum: 100_000, scale: 'log' },
    default: 40,
    unit: 'epochs',
    description: 'Passes over the training windows.',
  },
];

export const trainingHyperparameters: readonly HyperparameterDefinition[] = [
  ...optimizer,
  ...schedule,
  ...regularisation,
  ...augmentation,
  ...length,
];

function strength(name: string, maximum: number, searchMaximum: number, description: string): HyperparameterDefinition {
  return {
    name,
    kind: 'augmentation',
    domain: { type: 'float', minimum: 0, maximum, scale: 'linear' },
    default: 0,
    search: { type: 'float', minimum: 0, maximum: searchMaximum, scale: 'linear' },
    description,
  };
}
