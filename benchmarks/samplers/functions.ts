/**
 * The functions of samplers.md 4.2 and further ones that no sampler was tuned on. Definitions, domains and minima: Surjanovic
 * and Bingham, Virtual Library of Simulation Experiments (sfu.ca/~ssurjano); Ackley's and Griewank's domains are shifted, for
 * a minimum in the middle is found by any sampler that looks there first. The last two imitate hyperparameters of a training.
 */
import type { Domain, HyperparameterValue, Space, Values } from '@kinetune/study';
import type { BenchmarkFunction } from './benchmark-function.ts';

const HARTMANN_ALPHA = [1, 1.2, 3, 3.2];
const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const ELLIPSOID_CENTRE = [1.3, -2.1, 0.4, 3.2, -0.7, 2.4, -3.6, 1.9, -1.2, 0.8];

const branin = box({
  name: 'branin',
  domains: [
    [-5, 10],
    [0, 15],
  ],
  minimum: 0.39788735772973816,
  optimum: [Math.PI, 2.275],
  at: ([x = 0, y = 0]) =>
    (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10,
});

const hartmann6 = box({
  name: 'hartmann6',
  domains: cube(6, 0, 1),
  minimum: -3.322368011415512,
  optimum: [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573],
  at: (x) =>
    -sum(HARTMANN_ALPHA, (alpha, i) => {
      const distance = sum(x, (xj, j) => HARTMANN_A[i]![j]! * (xj - 1e-4 * HARTMANN_P[i]![j]!) ** 2);
      return alpha * Math.exp(-distance);
    }),
});

const ackley5 = box({
  name: 'ackley5',
  domains: cube(5, -19.66, 32.77),
  minimum: 0,
  optimum: [0, 0, 0, 0, 0],
  at: (x) =>
    20 -
    20 * Math.exp(-0.2 * Math.sqrt(sum(x, (xj) => xj ** 2) / x.length)) +
    Math.E -
    Math.exp(sum(x, (xj) => Math.cos(2 * Math.PI * xj)) / x.length),
});

const rosenbrock5 = box({
  name: 'rosenbrock5',
  domains: cube(5, -5, 10),
  minimum: 0,
  optimum: [1, 1, 1, 1, 1],
  at: (x) => sum(x.slice(1), (next, j) => 100 * (next - x[j]! ** 2) ** 2 + (1 - x[j]!) ** 2),
});

const levy8 = box({
  name: 'levy8',
  domains: cube(8, -10, 10),
  minimum: 0,
  optimum: [1, 1, 1, 1, 1, 1, 1, 1],
  at: (x) => {
    const w = x.map((xj) => 1 + (xj - 1) / 4);
    const last = w.at(-1)!;
    return (
      Math.sin(Math.PI * w[0]!) ** 2 +
      sum(w.slice(0, -1), (wj) => (wj - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * wj + 1) ** 2)) +
      (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2)
    );
  },
});

const griewank6 = box({
  name: 'griewank6',
  domains: cube(6, -360, 600),
  minimum: 0,
  optimum: [0, 0, 0, 0, 0, 0],
  at: (x) =>
    sum(x, (xj) => xj ** 2) / 4000 - x.reduce((product, xj, j) => product * Math.cos(xj / Math.sqrt(j + 1)), 1) + 1,
});

const styblinskiTang5 = box({
  name: 'styblinskiTang5',
  domains: cube(5, -5, 5),
  minimum: -195.83082851885686,
  optimum: Array.from({ length: 5 }, () => -2.903534027771177),
  at: (x) => sum(x, (xj) => xj ** 4 - 16 * xj ** 2 + 5 * xj) / 2,
});

const michalewicz5 = box({
  name: 'michalewicz5',
  domains: cube(5, 0, Math.PI),
  minimum: -4.687658179088148,
  optimum: [2.20290552, 1.57079633, 1.28499157, 1.92305847, 1.72046977],
  at: (x) => -sum(x, (xj, j) => Math.sin(xj) * Math.sin(((j + 1) * xj ** 2) / Math.PI) ** 20),
});

const ellipsoid10 = box({
  name: 'ellipsoid10',
  domains: cube(10, -5, 5),
  minimum: 0,
  optimum: ELLIPSOID_CENTRE,
  at: (x) => sum(x, (xj, j) => 1000 ** (j / (x.length - 1)) * (xj - ELLIPSOID_CENTRE[j]!) ** 2),
});

/** A valley along learning rate times size, one choice that matters and one that hardly does; floats, integers, logs. */
const mixed: BenchmarkFunction = {
  name: 'mixed',
  space: spaceOf({
    learningRate: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
    weightDecay: { type: 'float', minimum: 1e-6, maximum: 1e-1, scale: 'log' },
    dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear', step: 0.05 },
    embeddingSize: { type: 'int', minimum: 16, maximum: 512, scale: 'log' },
    blockCount: { type: 'int', minimum: 1, maximum: 8, scale: 'linear' },
    activation: { type: 'categorical', choices: ['relu', 'gelu', 'tanh'] },
    patchSize: { type: 'categorical', choices: [4, 8, 16, 32] },
  }),
  minimum: 0,
  optimum: {
    learningRate: 1e-3,
    weightDecay: 1e-3,
    dropout: 0.2,
    embeddingSize: 128,
    blockCount: 3,
    activation: 'gelu',
    patchSize: 8,
  },
  evaluate: (values) => {
    const size = Math.log2(number(values, 'embeddingSize') / 128);
    const rate = Math.log10(number(values, 'learningRate') / 1e-3);
    const decay = Math.log10(number(values, 'weightDecay') / 1e-3);
    return (
      (rate + 0.3 * size) ** 2 +
      0.1 * (decay + 0.5 * rate) ** 2 +
      2 * (number(values, 'dropout') - 0.2) ** 2 +
      0.05 * size ** 2 +
      0.03 * (number(values, 'blockCount') - 3 - 0.5 * size) ** 2 +
      { relu: 0.05, gelu: 0, tanh: 0.3 }[values['activation'] as 'relu' | 'gelu' | 'tanh'] +
      0.1 * Math.abs(Math.log2(number(values, 'patchSize') / 8))
    );
  },
};

/** Three optimizers with hyperparameters of their own, the best of them with the narrowest valley. */
const conditional: BenchmarkFunction = {
  name: 'conditional',
  space: spaceOf({
    dropout: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
    blockCount: { type: 'int', minimum: 1, maximum: 8, scale: 'linear' },
    optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'rmsprop'] },
    'optimizer=sgd/learningRate': { type: 'float', minimum: 1e-4, maximum: 1, scale: 'log' },
    'optimizer=sgd/momentum': { type: 'float', minimum: 0, maximum: 0.99, scale: 'linear' },
    'optimizer=adam/learningRate': { type: 'float', minimum: 1e-6, maximum: 1e-1, scale: 'log' },
    'optimizer=adam/epsilon': { type: 'float', minimum: 1e-10, maximum: 1, scale: 'log' },
    'optimizer=adam/beta1': { type: 'float', minimum: 0.5, maximum: 0.99, scale: 'linear' },
    'optimizer=rmsprop/learningRate': { type: 'float', minimum: 1e-6, maximum: 1e-1, scale: 'log' },
  }),
  minimum: 0,
  optimum: {
    dropout: 0.15,
    blockCount: 4,
    optimizer: 'adam',
    'optimizer=adam/learningRate': 1e-3,
    'optimizer=adam/epsilon': 1e-7,
    'optimizer=adam/beta1': 0.9,
  },
  evaluate: (values) => {
    const shared = 3 * (number(values, 'dropout') - 0.15) ** 2 + 0.02 * (number(values, 'blockCount') - 4) ** 2;
    if (values['optimizer'] === 'sgd') {
      const rate = Math.log10(number(values, 'optimizer=sgd/learningRate') / 0.03);
      return shared + 0.1 + 0.3 * rate ** 2 + (number(values, 'optimizer=sgd/momentum') - 0.9) ** 2;
    }
    if (values['optimizer'] === 'rmsprop') {
      return shared + 0.2 + 0.3 * Math.log10(number(values, 'optimizer=rmsprop/learningRate') / 3e-4) ** 2;
    }
    const rate = Math.log10(number(values, 'optimizer=adam/learningRate') / 1e-3);
    const epsilon = Math.log10(number(values, 'optimizer=adam/epsilon') / 1e-7);
    const beta1 = number(values, 'optimizer=adam/beta1') - 0.9;
    return shared + 0.6 * (rate - 0.2 * Math.max(0, epsilon)) ** 2 + 0.02 * epsilon ** 2 + 2 * beta1 ** 2;
  },
};

/** Those that samplers.md 4.2 measures and the bars name. */
export const NAMED_FUNCTIONS: readonly BenchmarkFunction[] = [branin, hartmann6, ackley5, rosenbrock5];

export const FUNCTIONS: readonly BenchmarkFunction[] = [
  ...NAMED_FUNCTIONS,
  levy8,
  griewank6,
  styblinskiTang5,
  michalewicz5,
  ellipsoid10,
  mixed,
  conditional,
];

interface Box {
  readonly name: string;
  readonly domains: readonly (readonly [number, number])[];
  readonly minimum: number;
  readonly optimum: readonly number[];
  readonly at: (x: readonly number[]) => number;
}

/** A function of real coordinates x0, x1, ... on linear intervals. */
function box({ name, domains, minimum, optimum, at }: Box): BenchmarkFunction {
  const names = domains.map((_, j) => `x${j}`);
  return {
    name,
    minimum,
    space: spaceOf(
      Object.fromEntries(
        domains.map(([low, high], j) => [`x${j}`, { type: 'float', minimum: low, maximum: high, scale: 'linear' }]),
      ),
    ),
    optimum: Object.fromEntries(optimum.map((value, j) => [`x${j}`, value])),
    evaluate: (values) => at(names.map((x) => number(values, x))),
  };
}

function cube(dimensions: number, low: number, high: number): (readonly [number, number])[] {
  return Array.from({ length: dimensions }, () => [low, high] as const);
}

function spaceOf(domains: Readonly<Record<string, Domain>>): Space {
  const hyperparameters = Object.entries(domains).map(
    ([name, domain]) => ({ name, kind: 'optimizer', role: 'nuisance', domain }) as const,
  );
  return { version: 1, hyperparameters, fixed: [] };
}

function sum<T>(items: readonly T[], term: (item: T, index: number) => number): number {
  return items.reduce((total, item, index) => total + term(item, index), 0);
}

function number(values: Values, name: string): number {
  const value: HyperparameterValue | undefined = values[name];
  if (typeof value !== 'number') throw new Error(`expected a number for ${name}, got ${String(value)}`);
  return value;
}
