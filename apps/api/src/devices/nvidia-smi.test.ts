import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeNvidiaSmi, nvidiaSmiAnswer } from '../testing/fake-nvidia-smi.ts';
import { queryGpus } from './nvidia-smi.ts';

const H100 = '0, GPU-aaaa-1, NVIDIA H100 80GB HBM3, 81559, 1024, 37, 550.54.15, Disabled';
const H100_ASKED = {
  uuid: 'GPU-aaaa-1',
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  driverVersion: '550.54.15',
  memoryTotalBytes: 81_559 * 1024 ** 2,
  memoryUsedBytes: 1024 ** 3,
  utilisation: 0.37,
};

describe('the query of nvidia-smi', () => {
  it('gives every card with its memory in bytes and its utilisation as a share', async () => {
    const second = '1, GPU-bbbb-2, NVIDIA H100 80GB HBM3, 81559, 0, 0, 550.54.15, Disabled';
    const environment = fakeNvidiaSmi(nvidiaSmiAnswer([H100, second]));
    const query = await queryGpus({ environment });
    expect(query).toEqual({
      type: 'found',
      gpus: [H100_ASKED, { ...H100_ASKED, uuid: 'GPU-bbbb-2', index: 1, memoryUsedBytes: 0, utilisation: 0 }],
      remarks: [],
    });
  });

  it('asks for the fields that it reads, without header and units', async () => {
    const environment = fakeNvidiaSmi(
      `[ "$1" = "--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,driver_version,mig.mode.current" ] &&
       [ "$2" = "--format=csv,noheader,nounits" ] && echo "${H100}"`,
    );
    expect(await queryGpus({ environment })).toMatchObject({ type: 'found', gpus: [H100_ASKED] });
  });

  it('says that there is none where the program is missing, and where it finds no card', async () => {
    expect(await queryGpus({ environment: { PATH: mkdtempSync(join(tmpdir(), 'kinetune-empty-')) } })).toEqual({
      type: 'absent',
    });
    const environment = fakeNvidiaSmi('echo "No devices were found"; exit 6');
    expect(await queryGpus({ environment })).toEqual({ type: 'found', gpus: [], remarks: [] });
  });

  it('says why a driver does not answer', async () => {
    const environment = fakeNvidiaSmi(
      'echo "Failed to initialize NVML: Driver/library version mismatch"; echo "NVML library version: 550.54" >&2; exit 18',
    );
    const query = await queryGpus({ environment });
    expect(query).toEqual({
      type: 'failed',
      reason:
        'it ended with 18: Failed to initialize NVML: Driver/library version mismatch NVML library version: 550.54',
    });
  });

  it('waits no longer than its limit, and ends the program then', async () => {
    const environment = fakeNvidiaSmi('exec sleep 600');
    expect(await queryGpus({ environment, timeoutMs: 300 })).toEqual({
      type: 'failed',
      reason: 'it did not answer within 0.3 s',
    });
  });

  it.each([
    ['0, GPU-a, NVIDIA GB10, [N/A], [N/A], [N/A], [N/A], [N/A]', 'NVIDIA GB10'],
    ['0, GPU-a, Tesla K80, [Not Supported], ERR!, [Unknown Error], [N/A], [N/A]', 'Tesla K80'],
    ['0, GPU-a, Odd, Name, [N/A], , -, unknown, Disabled', 'Odd, Name'],
  ])('reads what the driver does not tell as null: %s', async (line, name) => {
    const environment = fakeNvidiaSmi(nvidiaSmiAnswer([line]));
    const nothing = { driverVersion: null, memoryTotalBytes: null, memoryUsedBytes: null, utilisation: null };
    expect(await queryGpus({ environment })).toEqual({
      type: 'found',
      gpus: [{ uuid: 'GPU-a', index: 0, name, ...nothing }],
      remarks: [],
    });
  });

  it('keeps the cards that answer when one is lost, and says so', async () => {
    const environment = fakeNvidiaSmi(
      `echo "${H100}"; echo "Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost."; exit 15`,
    );
    const query = await queryGpus({ environment });
    expect(query).toMatchObject({ type: 'found', gpus: [H100_ASKED] });
    expect(query.type === 'found' && query.remarks[0]).toContain('GPU is lost');
  });

  it('asks again without the field that a driver before MIG does not know', async () => {
    const environment = fakeNvidiaSmi(
      `case "$1" in *mig*) echo 'Field "mig.mode.current" is not a valid field to query.'; exit 2;; esac
       echo "0, GPU-old, Tesla P100-PCIE-16GB, 16280, 100, 5, 418.87.01"`,
    );
    expect(await queryGpus({ environment })).toMatchObject({
      type: 'found',
      gpus: [{ uuid: 'GPU-old', name: 'Tesla P100-PCIE-16GB', driverVersion: '418.87.01', utilisation: 0.05 }],
    });
  });

  it('gives the parts of a card that is divided in place of it, and says where there are none', async () => {
    const cards = [
      '0, GPU-a, NVIDIA A100-SXM4-40GB, 40960, 20, [N/A], 550.54.15, Enabled',
      '1, GPU-b, NVIDIA A100-SXM4-40GB, 40960, 20, 3, 550.54.15, Disabled',
      '2, GPU-c, NVIDIA A100-SXM4-40GB, 40960, 0, [N/A], 550.54.15, Enabled',
    ];
    const listing = [
      'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-a)',
      '  MIG 3g.20gb     Device  0: (UUID: MIG-c7384736-a75d-5afc)',
      '  MIG 1c.2g.10gb  Device  1: (UUID: MIG-GPU-a/1/0)',
      'GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-b)',
      'GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-c)',
    ];
    const environment = fakeNvidiaSmi(nvidiaSmiAnswer(cards, listing));
    const query = await queryGpus({ environment });
    if (query.type !== 'found') throw new Error(query.type);
    expect(query.gpus.map(({ uuid, index, name, memoryTotalBytes }) => [uuid, index, name, memoryTotalBytes])).toEqual([
      ['MIG-c7384736-a75d-5afc', 0, 'NVIDIA A100-SXM4-40GB MIG 3g.20gb', null],
      ['MIG-GPU-a/1/0', 0, 'NVIDIA A100-SXM4-40GB MIG 1c.2g.10gb', null],
      ['GPU-b', 1, 'NVIDIA A100-SXM4-40GB', 40_960 * 1024 ** 2],
    ]);
    expect(query.remarks).toHaveLength(1);
    expect(query.remarks[0]).toMatch(/^GPU 2 .* is in MIG mode without an instance/);
  });

  it('takes an answer that describes no card for a failure', async () => {
    const environment = fakeNvidiaSmi('echo "<html>hello</html>"');
    expect(await queryGpus({ environment })).toEqual({ type: 'failed', reason: 'it answered <html>hello</html>' });
  });
});
