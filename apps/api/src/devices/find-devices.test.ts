import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { fakeNvidiaSmi, nvidiaSmiAnswer } from '../testing/fake-nvidia-smi.ts';
import { findDevices } from './find-devices.ts';
import type { Gpu } from './gpu.ts';
import { planSlots } from './slot-plan.ts';
import { visibleGpus } from './visible-gpus.ts';

const gpu = (index: number, uuid = `GPU-${index}`): Gpu => ({
  uuid,
  index,
  name: 'NVIDIA L4',
  driverVersion: '550.54.15',
  memoryTotalBytes: 24 * 1024 ** 3,
  memoryUsedBytes: 0,
  utilisation: 0,
});

const LINES = [0, 1].map((index) => `${index}, GPU-${index}, NVIDIA L4, 23034, 0, 0, 550.54.15, Disabled`);

describe('slots on GPUs', () => {
  it('see one card each, grow in its memory, and divide the processors', () => {
    const slots = planSlots({ gpus: [gpu(0), gpu(1)], cores: 16, slotsPerGpu: 2 });
    expect(slots.map(({ device }) => device)).toEqual([
      'NVIDIA L4 (GPU 0), 1 of 2',
      'NVIDIA L4 (GPU 1), 1 of 2',
      'NVIDIA L4 (GPU 0), 2 of 2',
      'NVIDIA L4 (GPU 1), 2 of 2',
    ]);
    expect(slots[1]).toMatchObject({
      gpuUuid: 'GPU-1',
      environment: {
        CUDA_VISIBLE_DEVICES: 'GPU-1',
        TF_FORCE_GPU_ALLOW_GROWTH: 'true',
        KINETUNE_INTRA_OP_THREADS: '4',
        TF_NUM_INTRAOP_THREADS: '4',
        OMP_NUM_THREADS: '4',
      },
    });
  });

  it('are spread over the cards where fewer are asked for, and never more than there is room for', () => {
    const plan = (slots: number) =>
      planSlots({ gpus: [gpu(0), gpu(1)], cores: 2, slotsPerGpu: 2, slots }).map(({ gpuUuid }) => gpuUuid);
    expect(plan(2)).toEqual(['GPU-0', 'GPU-1']);
    expect(plan(9)).toHaveLength(4);
  });

  it('have a thread where there are fewer processors than slots', () => {
    const [slot] = planSlots({ gpus: [gpu(0)], cores: 1, slotsPerGpu: 4 });
    expect(slot?.environment.TF_NUM_INTEROP_THREADS).toBe('1');
  });
});

describe('slots on processors', () => {
  it('have one thread each, or divide the processors by the threads that are asked for, and see no GPU', () => {
    expect(planSlots({ gpus: [], cores: 3 }).map(({ device }) => device)).toEqual(Array(3).fill('CPU, 1 thread'));
    const slots = planSlots({ gpus: [], cores: 9, threadsPerSlot: 4 });
    expect(slots).toHaveLength(2);
    expect(slots[0]).toMatchObject({
      device: 'CPU, 4 threads',
      gpuUuid: null,
      environment: { CUDA_VISIBLE_DEVICES: '-1', TF_NUM_INTRAOP_THREADS: '4', KINETUNE_INTER_OP_THREADS: '4' },
    });
  });

  it('may be more than processors when so many are asked for, but one may not have more threads than there are', () => {
    expect(planSlots({ gpus: [], cores: 2, slots: 5 })).toHaveLength(5);
    expect(() => planSlots({ gpus: [], cores: 2, threadsPerSlot: 3 })).toThrow(
      '--threads-per-slot: expected at most the 2 processors that this process may use, got 3',
    );
  });
});

describe('CUDA_VISIBLE_DEVICES', () => {
  const gpus = [gpu(0, 'GPU-ab1'), gpu(1, 'GPU-ab2'), gpu(2, 'MIG-c')];
  it.each([
    [undefined, ['GPU-ab1', 'GPU-ab2', 'MIG-c']],
    ['', []],
    ['-1', []],
    ['1,0', ['GPU-ab2', 'GPU-ab1']],
    ['0,7,1', ['GPU-ab1']],
    ['GPU-ab2, MIG-c', ['GPU-ab2', 'MIG-c']],
    ['GPU-ab', ['GPU-ab1', 'GPU-ab2']],
    ['all', []],
  ])('%s', (stated, expected) => {
    expect(visibleGpus(gpus, stated).map(({ uuid }) => uuid)).toEqual(expected);
  });
});

describe('the devices of a machine', () => {
  it('are its GPUs', async () => {
    const environment = fakeNvidiaSmi(nvidiaSmiAnswer(LINES));
    const { gpus, slots, remarks } = await findDevices({ environment });
    expect(gpus).toHaveLength(2);
    expect(slots.map(({ gpuUuid }) => gpuUuid)).toEqual(['GPU-0', 'GPU-1']);
    expect(remarks).toEqual([]);
  });

  it('are those that we were given', async () => {
    const environment = { ...fakeNvidiaSmi(nvidiaSmiAnswer(LINES)), CUDA_VISIBLE_DEVICES: '1' };
    const { slots, remarks } = await findDevices({ environment });
    expect(slots.map(({ gpuUuid }) => gpuUuid)).toEqual(['GPU-1']);
    expect(remarks).toEqual(['1 of 2 GPUs not used: CUDA_VISIBLE_DEVICES is "1"']);
  });

  it('are processors, and why, where the GPUs do not answer or are not wanted', async () => {
    const broken = await findDevices({ environment: fakeNvidiaSmi('echo broken; exit 9') });
    expect(broken.slots).toHaveLength(availableParallelism());
    expect(broken.remarks).toEqual(['no GPU is used: nvidia-smi failed: it ended with 9: broken']);
    const unwanted = await findDevices({
      environment: { ...fakeNvidiaSmi(nvidiaSmiAnswer(LINES)), KINETUNE_TENSORFLOW: 'cpu' },
    });
    expect(unwanted.slots[0]?.gpuUuid).toBeNull();
    expect(unwanted.remarks).toEqual(['no GPU is used: KINETUNE_TENSORFLOW is cpu']);
  });
});
