/** Loads TensorFlow as trainers do, runs one operation and prints what it ran on, as JSON. Started by check-addon.ts. */
import { loadTensorFlow } from '@kinetune/models/native';

const tf = loadTensorFlow();
const backend = tf.backend() as unknown as {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
};
const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
const value = (await product.data())[0];
process.stdout.write(
  `${JSON.stringify({ value, isUsingGpuDevice: backend.isUsingGpuDevice, version: backend.binding.TF_Version })}\n`,
);
