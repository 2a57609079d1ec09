import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSlotStates, openStorage, registerAgent, type Storage } from '@kinetune/storage';
import { prepareHomes, type PreparedHomes } from '../testing/prepared-home.ts';
import { fakeNvidiaSmi } from '../testing/fake-nvidia-smi.ts';
import { queryGpus, type GpuQuery } from './nvidia-smi.ts';
import { planSlots } from './slot-plan.ts';
import { watchGpus } from './watch-gpus.ts';

let homes: PreparedHomes;
let storage: Storage;
beforeAll(async () => {
  homes = await prepareHomes();
  storage = await openStorage(homes.create());
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  homes[Symbol.dispose]();
});

const MEBIBYTE = 1024 ** 2;

describe('the watch of GPUs', () => {
  it('keeps the last look beside every slot of a card, goes on after a look that failed, and ends when asked', async () => {
    const { db } = storage;
    // The first call, in which the slots are planned, and every third one later fails; memory in use is the number of the call.
    const environment = fakeNvidiaSmi(
      `echo x >> "$0.calls"; n=$(wc -l < "$0.calls"); [ $((n % 3)) = 0 ] && { echo "Unknown Error"; exit 255; }
       echo "0, GPU-a, NVIDIA L4, 24000, $n, 50, 550.1, Disabled"; echo "1, GPU-b, NVIDIA L4, [N/A], [N/A], [N/A], 550.1, Disabled"`,
    );
    const query = () => queryGpus({ environment });
    const found = await query();
    if (found.type !== 'found') throw new Error('expected GPUs');
    const devices = planSlots({ gpus: found.gpus, cores: 2, slotsPerGpu: 2, slots: 3 });
    const agent = await registerAgent(db, { host: 'gpus', pid: 1, devices: devices.map(({ device }) => device) });
    const states = async () =>
      (await listSlotStates(db, { silentForMs: 60_000 })).map(
        ({ device, memoryTotalBytes, memoryUsedBytes, utilisation }) => [
          device,
          memoryTotalBytes,
          memoryUsedBytes === null ? null : memoryUsedBytes / MEBIBYTE,
          utilisation,
        ],
      );
    {
      await using _watch = watchGpus(db, { slots: agent.slots, devices, everyMs: 20, query });
      await expect.poll(states, { timeout: 10_000 }).toSatisfy((rows) => Number(rows[0]?.[2]) >= 5);
    }
    const [first, second, third] = await states();
    const used = first?.[2];
    expect(first).toEqual(['NVIDIA L4 (GPU 0), 1 of 2', 24_000 * MEBIBYTE, used, 0.5]);
    expect(second).toEqual(['NVIDIA L4 (GPU 1), 1 of 2', null, null, null]);
    expect(third).toEqual(['NVIDIA L4 (GPU 0), 2 of 2', 24_000 * MEBIBYTE, used, 0.5]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await states())[0]?.[2]).toBe(used);
  });

  it('asks nothing where every slot is on the processors', async () => {
    let asked = 0;
    const devices = planSlots({ gpus: [], cores: 1 });
    const query = async (): Promise<GpuQuery> => {
      asked++;
      return { type: 'absent' };
    };
    await using _watch = watchGpus(storage.db, { slots: [{ id: 'none' }], devices, everyMs: 1, query });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toBe(0);
  });
});
