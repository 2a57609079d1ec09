import type { TensorFlow } from '@kinetune/models';
import type { RuntimeSettings } from '@kinetune/study';

/** What TensorFlow really computes on, for people: a missing CUDA library means a silent fall back to the CPU. */
export function describeDevice(tf: TensorFlow, { intraOpThreads }: RuntimeSettings): string {
  const { isUsingGpuDevice } = tf.backend() as unknown as { readonly isUsingGpuDevice: boolean };
  if (isUsingGpuDevice) return `GPU ${process.env['CUDA_VISIBLE_DEVICES'] ?? ''}`.trim();
  return `CPU, ${intraOpThreads} ${intraOpThreads === 1 ? 'thread' : 'threads'}`;
}
