/** What a machine can train on, found out: its GPUs as far as we may use them, else its processors. */
import { availableParallelism } from 'node:os';
import type { Gpu } from './gpu.ts';
import { queryGpus, type NvidiaSmiOptions } from './nvidia-smi.ts';
import { planSlots, type SlotDevice, type SlotPlanOptions } from './slot-plan.ts';
import { visibleGpus } from './visible-gpus.ts';

export interface Devices {
  readonly gpus: readonly Gpu[];
  /** Processors that this process may use. */
  readonly cores: number;
  readonly slots: readonly SlotDevice[];
  /** Why something that might be expected is not used. */
  readonly remarks: readonly string[];
}

export type FindDevicesOptions = NvidiaSmiOptions & Omit<SlotPlanOptions, 'gpus' | 'cores'>;

/** @throws InputError for threads that the machine has not. */
export async function findDevices(options: FindDevicesOptions = {}): Promise<Devices> {
  const { environment = process.env } = options;
  const cores = availableParallelism();
  const { gpus, remarks } = await usableGpus({ ...options, environment });
  return { gpus, cores, slots: planSlots({ ...options, gpus, cores }), remarks };
}

async function usableGpus(
  options: NvidiaSmiOptions & { readonly environment: NodeJS.ProcessEnv },
): Promise<Pick<Devices, 'gpus' | 'remarks'>> {
  const { KINETUNE_TENSORFLOW, CUDA_VISIBLE_DEVICES } = options.environment;
  if (KINETUNE_TENSORFLOW === 'cpu') return { gpus: [], remarks: ['no GPU is used: KINETUNE_TENSORFLOW is cpu'] };
  const query = await queryGpus(options);
  switch (query.type) {
    case 'absent':
      return { gpus: [], remarks: [] };
    case 'failed':
      return { gpus: [], remarks: [`no GPU is used: nvidia-smi failed: ${query.reason}`] };
    case 'found': {
      const gpus = visibleGpus(query.gpus, CUDA_VISIBLE_DEVICES);
      const hidden = query.gpus.length - gpus.length;
      return {
        gpus,
        remarks:
          hidden === 0
            ? query.remarks
            : [
                ...query.remarks,
                `${hidden} of ${query.gpus.length} GPUs not used: CUDA_VISIBLE_DEVICES is "${CUDA_VISIBLE_DEVICES}"`,
              ],
      };
    }
  }
}
