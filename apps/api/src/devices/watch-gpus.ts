/** Looks at the slots' GPUs every few seconds, and keeps what was seen beside the slots, for whoever shows them. */
import { recordDeviceSamples, type Database } from '@kinetune/storage';
import type { SlotDevice } from './slot-plan.ts';
import { queryGpus, type GpuQuery } from './nvidia-smi.ts';

export interface WatchGpusOptions {
  /** The agent's slots, and in the same order what they train on. */
  readonly slots: readonly { readonly id: string }[];
  readonly devices: readonly Pick<SlotDevice, 'gpuUuid'>[];
  /** From the end of one look to the next; each costs some 50 ms of a processor. */
  readonly everyMs?: number;
  readonly query?: () => Promise<GpuQuery>;
}

/** Disposed: no look is under way, and none follows. A look that fails is left out; the next one may succeed. */
export function watchGpus(
  db: Database,
  { slots, devices, everyMs = 5_000, query = () => queryGpus() }: WatchGpusOptions,
): AsyncDisposable {
  const onGpus = slots.flatMap(({ id: slotId }, index) => {
    const gpuUuid = devices[index]?.gpuUuid ?? null;
    return gpuUuid === null ? [] : [{ slotId, gpuUuid }];
  });
  const over = new AbortController();
  const look = async (): Promise<void> => {
    const answer = await query();
    if (answer.type !== 'found') return;
    const gpus = new Map(answer.gpus.map((gpu) => [gpu.uuid, gpu]));
    const samples = onGpus.flatMap(({ slotId, gpuUuid }) => {
      const gpu = gpus.get(gpuUuid);
      if (gpu === undefined) return [];
      const { memoryTotalBytes, memoryUsedBytes, utilisation } = gpu;
      return [{ slotId, gpuUuid, memoryTotalBytes, memoryUsedBytes, utilisation }];
    });
    await recordDeviceSamples(db, samples);
  };
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await look().catch(() => {}); // A database that is away is told of by those who train.
      await pause(everyMs, over.signal);
    }
  };
  const watching = onGpus.length === 0 ? Promise.resolve() : watch();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
    },
  };
}

function pause(ms: number, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    end.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
