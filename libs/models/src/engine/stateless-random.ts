/**
 * Draws by TensorFlow's counter-based generator (Philox, Salmon et al. 2011): a function of [step seed, place], the same
 * eagerly and in a graph, on one thread and on many. The generator is named in the op, so XLA cannot choose another.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dataTypes, intAttribute, tensorFlowBackend, typeAttribute, type TensorHandle } from './tensorflow-backend.ts';

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
  const backend = tensorFlowBackend();
  const { binding } = backend;
  return tf.tidy(() => {
    const place = tf.scalar(key.place, 'int32');
    const shapeTensor = tf.tensor1d([...shape], 'int32');
    const algorithm = tf.scalar(philox, 'int32');
    const [stepSeedId, placeId, shapeId, algorithmId] = backend.getInputTensorIds([
      key.stepSeed,
      place,
      shapeTensor,
      algorithm,
    ]) as [number, number, number, number];
    const [seed] = binding.executeOp(
      'Pack',
      [intAttribute('N', 2), typeAttribute('T', 'int32'), intAttribute('axis', 0)],
      [stepSeedId, placeId],
      1,
    ) as [TensorHandle];
    // The key and the counter are unsigned 64-bit, which tfjs has no tensor for: they stay bare handles.
    const [philoxKey, counter] = binding.executeOp(
      'StatelessRandomGetKeyCounter',
      [typeAttribute('Tseed', 'int32')],
      [seed.id],
      2,
    ) as [TensorHandle, TensorHandle];
    const [draws] = binding.executeOp(
      distribution,
      [typeAttribute('dtype', 'float32'), typeAttribute('Tshape', 'int32')],
      [shapeId, philoxKey.id, counter.id, algorithmId],
      1,
    );
    for (const { id } of [seed, philoxKey, counter]) binding.deleteTensor(id);
    if (draws === undefined || draws.dtype !== dataTypes.float32)
      throw new Error(`${distribution} gave no float32 tensor`);
    return backend.createOutputTensor(draws);
  });
}
