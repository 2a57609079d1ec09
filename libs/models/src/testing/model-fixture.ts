/** PyTorch's numbers for one model and batch: `fixtures/models/*.json`, written by `models.py` beside them. */
import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { HyperparameterValues, ModelShape } from '../catalogue/definition.ts';

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Ten steps of one optimizer from the fixture's weights, on its one batch. */
export interface FixtureSteps {
  /** PyTorch's names: lr, betas, eps, weight_decay, momentum, nesterov, alpha; `clip` is clip_grad_norm_'s max_norm. */
  readonly options: Readonly<Record<string, number | boolean | readonly number[]>>;
  /** The loss before each step. */
  readonly losses: readonly number[];
  readonly weights: ReadonlyMap<string, FixtureTensor>;
}

export interface ModelFixture {
  readonly name: string;
  readonly family: string;
  readonly values: HyperparameterValues;
  readonly shape: ModelShape;
  /** [B, T, C] */
  readonly input: FixtureTensor;
  readonly labels: readonly number[];
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[] | null;
  readonly weightCount: number;
  /** [B, K] */
  readonly logits: FixtureTensor;
  readonly loss: number;
  readonly weights: ReadonlyMap<string, FixtureTensor>;
  readonly gradients: ReadonlyMap<string, FixtureTensor>;
  /** By optimizer: adam, adam-clipped, adamw, sgd, rmsprop; empty for most fixtures. */
  readonly steps: ReadonlyMap<string, FixtureSteps>;
}

/** How fixtures store a tensor: base64 of little-endian float32. */
export interface EncodedTensor {
  readonly shape: readonly number[];
  readonly float32: string;
}
type Blobs = Readonly<Record<string, EncodedTensor>>;
type Raw = Omit<ModelFixture, 'name' | 'input' | 'logits' | 'weights' | 'gradients' | 'steps'> & {
  readonly input: EncodedTensor;
  readonly logits: EncodedTensor;
  readonly weights: Blobs;
  readonly gradients: Blobs;
  readonly steps: Readonly<Record<string, Pick<FixtureSteps, 'options' | 'losses'> & { readonly weights: Blobs }>>;
};

const folder = new URL('../../fixtures/models/', import.meta.url);

/** The fixtures of one family, or of all. */
export function readModelFixtures(family?: string): readonly ModelFixture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => decodeFixture(file.slice(0, -'.json'.length), readFileSync(new URL(file, folder), 'utf8')))
    .filter((fixture) => family === undefined || fixture.family === family);
}

/** A tensor with a fixture's values; the caller disposes it. */
export function toTensor({ values, shape }: FixtureTensor): tf.Tensor {
  return tf.tensor(values, [...shape], 'float32');
}

/** |actual - expected| / |expected|, Euclidean norms over a whole tensor; |actual| where nothing is expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  return Math.sqrt(difference) / (size === 0 ? 1 : Math.sqrt(size));
}

function decodeFixture(name: string, text: string): ModelFixture {
  const raw = JSON.parse(text) as Raw;
  const steps = Object.entries(raw.steps).map(
    ([optimizer, step]) => [optimizer, { ...step, weights: decodeAll(step.weights) }] as const,
  );
  return {
    ...raw,
    name,
    input: decodeTensor(raw.input),
    logits: decodeTensor(raw.logits),
    weights: decodeAll(raw.weights),
    gradients: decodeAll(raw.gradients),
    steps: new Map(steps),
  };
}

function decodeAll(blobs: Blobs): ReadonlyMap<string, FixtureTensor> {
  return new Map(Object.entries(blobs).map(([name, blob]) => [name, decodeTensor(blob)]));
}

export function decodeTensor({ shape, float32 }: EncodedTensor): FixtureTensor {
  const bytes = Uint8Array.from(Buffer.from(float32, 'base64'));
  return { shape, values: new Float32Array(bytes.buffer) };
}
