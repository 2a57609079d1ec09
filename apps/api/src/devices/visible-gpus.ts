/** The GPUs that whoever started us allows: Slurm, Kubernetes and people say so by CUDA_VISIBLE_DEVICES. */
import type { Gpu } from './gpu.ts';

/**
 * CUDA's own reading: unset, all; empty or -1, none; else a list of indices and of (beginnings of) UUIDs, which ends at the first
 * that names none. Indices are the driver's, as with CUDA_DEVICE_ORDER=PCI_BUS_ID.
 */
export function visibleGpus(gpus: readonly Gpu[], stated: string | undefined): readonly Gpu[] {
  if (stated === undefined) return gpus;
  const visible: Gpu[] = [];
  for (const word of stated.split(',').map((one) => one.trim())) {
    const isIndex = /^\d+$/.test(word);
    const named = gpus.filter(({ uuid, index }) =>
      isIndex ? index === Number(word) : /^(GPU|MIG)-./.test(word) && uuid.startsWith(word),
    );
    if (named.length === 0) break;
    visible.push(...named.filter((gpu) => !visible.includes(gpu)));
  }
  return visible;
}
