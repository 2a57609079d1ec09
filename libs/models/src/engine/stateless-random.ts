/**
 * Draws by TensorFlow's counter-based generator (Philox, Salmon et al. 2011): a function of [step seed, place], the same
 * eagerly and in a graph, on one thread and on many. The generator is named in the op, so XLA cannot choose another.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  intAttribute,
  tensorFlowBackend,
  typeAttribute,
  type OpAttribute,
  type TensorHandle,
} from './tensorflow-backend.ts';

/** `Algorithm::RNG_ALG_PHILOX` of TensorFlow's `rng_alg.h`. */
const philox = 1;

/** A step's seed as tensors: the seed itself, and the place of the next draw. */
export interface DrawKey {
  /** int32 scalar, fed anew each step. */
  readonly stepSeed: tf.Tensor;
  readonly place: number;
}

type Distribution = 'StatelessRandomUniformV2' | 'StatelessRandomNormalV2';

/** float32 tensor of independent draws: uniform in [0, 1) or standard normal. */
export function drawStateless(distribution: Distribution, shape: readonly number[], key: DrawKey): tf.Tensor {
  return withHandles((run) => run(distribution, [typeAttribute('dtype', 'float32')], drawInputs(run, shape, key)));
}

/** TensorFlow's `DT_INT16`, which tfjs does not know. */
const int16 = 5;
const levels = 65_536;

export interface KeepMask {
  /** bool: true where a unit is kept. */
  readonly mask: tf.Tensor;
  /** Exactly the probability of true. */
  readonly keepProbability: number;
}

/**
 * Independent draws, true with probability 1 - rate to the nearest 1/65,536 (never all of one kind). Drawing is what
 * dropout costs, 2.6 ns for 32 bits on one core, so each 32 bits serve two units.
 */
export function drawKeepMask(shape: readonly number[], rate: number, key: DrawKey): KeepMask {
  const dropped = Math.min(Math.max(Math.round(rate * levels), 1), levels - 1);
  const size = shape.reduce((product, side) => product * side, 1);
  const pairCount = Math.ceil(size / 2);
  const mask = withHandles((run) => {
    const int32 = (name: string) => typeAttribute(name, 'int32');
    const int16Attribute = (name: string): OpAttribute => ({ ...int32(name), value: int16 });
    const ints = (values: number[]) => run.upload(tf.tensor1d(values, 'int32'));
    const bits = run('StatelessRandomUniformFullIntV2', [int32('dtype')], drawInputs(run, [pairCount], key));
    const lanes = run('Bitcast', [int32('T'), int16Attribute('type')], [bits]); // [pairs, 2]
    const line = run('Reshape', [int16Attribute('T'), int32('Tshape')], [lanes, ints([pairCount * 2])]);
    const enough = run('Slice', [int16Attribute('T'), int32('Index')], [line, ints([0]), ints([size])]);
    const shaped = run('Reshape', [int16Attribute('T'), int32('Tshape')], [enough, ints([...shape])]);
    // Lanes are uniform over -32,768 to 32,767.
    const threshold = run.upload(tf.scalar(dropped - levels / 2, 'int32'));
    const lowest = run('Cast', [int32('SrcT'), int16Attribute('DstT')], [threshold]);
    return run('GreaterEqual', [int16Attribute('T')], [shaped, lowest]);
  });
  return { mask, keepProbability: 1 - dropped / levels };
}

/** Shape, key, counter and algorithm: what the stateless ops of version 2 take. */
function drawInputs(run: HandleRunner, shape: readonly number[], { stepSeed, place }: DrawKey): number[] {
  const placeId = run.upload(tf.scalar(place, 'int32'));
  const seed = run(
    'Pack',
    [intAttribute('N', 2), typeAttribute('T', 'int32'), intAttribute('axis', 0)],
    [run.upload(stepSeed), placeId],
  );
  const [key, counter] = run.all('StatelessRandomGetKeyCounter', [typeAttribute('Tseed', 'int32')], [seed], 2);
  const shapeId = run.upload(tf.tensor1d([...shape], 'int32'));
  return [shapeId, key as number, counter as number, run.upload(tf.scalar(philox, 'int32'))];
}

/** Runs an op on tensors by their ids; the id of its output. */
interface HandleRunner {
  (op: string, attributes: readonly OpAttribute[], inputIds: readonly number[]): number;
  all(op: string, attributes: readonly OpAttribute[], inputIds: readonly number[], outputCount: number): number[];
  upload(tensor: tf.Tensor): number;
}

/**
 * For ops on types that tfjs has no tensors for (int16, uint64): they stay bare handles, gone at the end, and only the
 * last output becomes a tensor.
 */
function withHandles(compute: (run: HandleRunner) => number): tf.Tensor {
  const backend = tensorFlowBackend();
  const made = new Map<number, TensorHandle>();
  const all: HandleRunner['all'] = (op, attributes, inputIds, outputCount) =>
    backend.binding.executeOp(op, attributes, inputIds, outputCount).map((handle) => {
      made.set(handle.id, handle);
      return handle.id;
    });
  const run: HandleRunner = Object.assign(
    (op: string, attributes: readonly OpAttribute[], inputIds: readonly number[]) =>
      all(op, attributes, inputIds, 1)[0] as number,
    { all, upload: (tensor: tf.Tensor) => backend.getInputTensorIds([tensor])[0] as number },
  );
  return tf.tidy(() => {
    try {
      const id = compute(run);
      const result = made.get(id) as TensorHandle;
      made.delete(id);
      return backend.createOutputTensor(result);
    } finally {
      for (const id of made.keys()) backend.binding.deleteTensor(id);
    }
  });
}
