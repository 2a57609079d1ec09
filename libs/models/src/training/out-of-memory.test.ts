import { expect, it } from 'vitest';
import { isOutOfMemory } from './out-of-memory.ts';

/** What tfjs-node 4.22.0 over TensorFlow 2.21 threw for a tensor of 1.6 terabytes; it waits 10 s for memory before. */
const FROM_TENSORFLOW = `Invalid TF_Status: 8
Message: OOM when allocating tensor with shape[400000,1000000] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu`;

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

it('knows what TensorFlow and V8 throw when they cannot allocate', () => {
  expect(isOutOfMemory(new Error(FROM_TENSORFLOW))).toBe(true);
  expect(isOutOfMemory(thrownBy(() => new Float32Array(1e15)))).toBe(true);
  expect(isOutOfMemory(thrownBy(() => new Float32Array(2 ** 53 - 1)))).toBe(true);
});

it('does not mistake other errors for it', () => {
  expect(isOutOfMemory(new Error('Invalid TF_Status: 3\nMessage: Matrix size-incompatible'))).toBe(false);
  expect(isOutOfMemory(thrownBy(() => new Array(-1)))).toBe(false);
  expect(isOutOfMemory('OOM when allocating')).toBe(false);
});
