/** The engine's state as stored tensors and back: `weights/…`, `optimizer/<slot>/…`, `average/…`. */
import { InputError } from '@kinetune/study';
import type { StoredTensor } from '../checkpoint/safetensors.ts';
import type { NamedArray, TrainingState } from '../engine/index.ts';

const PARTS = ['weights', 'optimizer', 'average'] as const;

export function tensorsOfState(state: TrainingState): Map<string, StoredTensor> {
  return new Map(
    PARTS.flatMap((part) => [...tensorsOf(state[part])].map(([name, tensor]) => [`${part}/${name}`, tensor] as const)),
  );
}

/** @throws InputError when a tensor is not one of a state's. */
export function stateOfTensors(tensors: ReadonlyMap<string, StoredTensor>, step: number): TrainingState {
  const state = { step, weights: new Map(), optimizer: new Map(), average: new Map() } satisfies TrainingState;
  for (const [path, { shape, data }] of tensors) {
    const part = PARTS.find((candidate) => path.startsWith(`${candidate}/`));
    if (part === undefined || !(data instanceof Float32Array)) {
      throw new InputError('checkpoint-damaged', `a training state has no float32 tensor "${path}"`);
    }
    (state[part] as Map<string, NamedArray>).set(path.slice(part.length + 1), { shape, values: data });
  }
  return state;
}

export function tensorsOf(arrays: ReadonlyMap<string, NamedArray>): Map<string, StoredTensor> {
  return new Map(
    [...arrays].map(([name, { shape, values }]) => [name, { shape, data: values as Float32Array<ArrayBuffer> }]),
  );
}
