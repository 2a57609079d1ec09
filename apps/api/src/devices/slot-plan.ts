/** Divides a machine's devices into slots: what each trains on, and how a trainer is told. */
import { InputError } from '@kinetune/study';
import type { Gpu } from './gpu.ts';

/** The device of a slot. */
export interface SlotDevice {
  /** For people: `CPU, 1 thread`; `NVIDIA H100 80GB HBM3 (GPU 0), 1 of 2`. */
  readonly device: string;
  /** Null for a slot on the processors. */
  readonly gpuUuid: string | null;
  /** For the trainer's process, set before TensorFlow loads. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface SlotPlanOptions {
  /** None: slots on the processors. */
  readonly gpus: readonly Gpu[];
  /** Processors that this process may use; `os.availableParallelism()` heeds cgroup limits and affinity. */
  readonly cores: number;
  /** At most so many in all; as many as there is room for unless stated. More than that only on processors, whose slots then share them. */
  readonly slots?: number | undefined;
  /** Trials at once on each GPU, default 1. */
  readonly slotsPerGpu?: number | undefined;
  /** Threads of a slot on the processors, default 1: trials' numbers then never depend on how many run beside them. */
  readonly threadsPerSlot?: number | undefined;
}

/** @throws InputError when one slot is to have more threads than there are processors. */
export function planSlots({
  gpus,
  cores,
  slots,
  slotsPerGpu = 1,
  threadsPerSlot = 1,
}: SlotPlanOptions): readonly SlotDevice[] {
  if (gpus.length > 0) {
    // Round after round over the cards: fewer slots than room are spread over them.
    const planned = Array.from({ length: slotsPerGpu }, (_, share) => gpus.map((gpu) => ({ gpu, share }))).flat();
    const taken = planned.slice(0, slots ?? planned.length);
    const threads = Math.max(1, Math.floor(cores / taken.length));
    return taken.map(({ gpu, share }) => ({
      device: `${gpu.name} (GPU ${gpu.index})${slotsPerGpu === 1 ? '' : `, ${share + 1} of ${slotsPerGpu}`}`,
      gpuUuid: gpu.uuid,
      environment: gpuEnvironment(gpu.uuid, threads),
    }));
  }
  if (threadsPerSlot > cores) {
    throw new InputError(
      'too-many-threads',
      `--threads-per-slot: expected at most the ${cores} processors that this process may use, got ${threadsPerSlot}`,
    );
  }
  return Array.from({ length: slots ?? Math.floor(cores / threadsPerSlot) }, () => ({
    device: `CPU, ${threadsPerSlot} ${threadsPerSlot === 1 ? 'thread' : 'threads'}`,
    gpuUuid: null,
    environment: cpuEnvironment(threadsPerSlot),
  }));
}

/** A slot on the processors with this many threads. No GPU is seen: trainers would take its memory from each other. */
export function cpuEnvironment(threads: number): Readonly<Record<string, string>> {
  return { ...threadEnvironment(threads), CUDA_VISIBLE_DEVICES: '-1' };
}

/**
 * One GPU, and of its memory only what is used: a process takes the whole card otherwise. TensorFlow has no setting in the
 * environment that bounds a process's share, so slots of one card share its memory as it comes; who finds it full is out of
 * memory, which is tried again once. PyTorch takes only what it uses by itself, JAX is told to.
 */
function gpuEnvironment(uuid: string, threads: number): Readonly<Record<string, string>> {
  return {
    ...threadEnvironment(threads),
    CUDA_VISIBLE_DEVICES: uuid,
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    XLA_PYTHON_CLIENT_PREALLOCATE: 'false',
  };
}

function threadEnvironment(threads: number): Readonly<Record<string, string>> {
  const names = [
    'KINETUNE_INTRA_OP_THREADS',
    'KINETUNE_INTER_OP_THREADS',
    'TF_NUM_INTRAOP_THREADS',
    'TF_NUM_INTEROP_THREADS',
    'OMP_NUM_THREADS',
  ];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}
