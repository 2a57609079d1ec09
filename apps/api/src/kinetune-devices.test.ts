/** `kinetune devices` as people run it, with an `nvidia-smi` of the test's own on the PATH. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeNvidiaSmi, nvidiaSmiAnswer } from './testing/fake-nvidia-smi.ts';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';

const home = mkdtempSync(join(tmpdir(), 'kinetune-devices-'));
afterAll(() => rmSync(home, { recursive: true }));

const NO_GPU = 'echo "No devices were found"; exit 6';

describe('kinetune devices', () => {
  it('shows GPUs, what runs on them, and their slots', async () => {
    const { PATH } = fakeNvidiaSmi(nvidiaSmiAnswer(['0, GPU-a, NVIDIA L4, 23034, 512, 12, 550.54.15, Disabled']));
    const options = { home, trainer: undefined, environment: { PATH } };
    const { code, stdout } = await runKinetune(['devices', '--slots-per-gpu', '2'], options);
    expect(stdout).toMatch(/ 0 +NVIDIA L4 +536\.9 MB of 24\.15 GB +12\.0 % +550\.54\.15 +GPU-a/);
    expect(stdout).toContain('2 slots\n  1 x NVIDIA L4 (GPU 0), 1 of 2\n  1 x NVIDIA L4 (GPU 0), 2 of 2\n');
    expect(code).toBe(0);
  });

  it('is refused threads that the machine has not', async () => {
    const { PATH } = fakeNvidiaSmi(NO_GPU);
    const options = { home, trainer: undefined, environment: { PATH } };
    const { code, stderr } = await runKinetune(['devices', '--threads-per-slot', '1024'], options);
    expect(stderr).toContain('--threads-per-slot: expected at most the');
    expect(code).toBe(2);
  });

  it('measures divisions by training, and gives the faster', async () => {
    const { PATH } = fakeNvidiaSmi(NO_GPU);
    // An epoch takes the fake trainer at least 40 ms, whatever its threads: more slots are faster.
    const options = { home, trainer: { epochs: 12, epochMs: 40 }, environment: { PATH } };
    const { code, stdout } = await runKinetune(['devices', '--measure', '--json'], options);
    expect(code).toBe(0);
    const { cores, measured, best } = JSON.parse(stdout) as {
      cores: number;
      measured: { slots: number; threads: number; trialsPerHour: number; epochsPerSecond: number[] }[];
      best: { slots: number };
    };
    expect(cores).toBe(availableParallelism());
    expect(measured.map(({ slots, threads }) => [slots, threads])).toEqual(
      cores === 1
        ? [[1, 1]]
        : [
            [1, cores],
            [cores, 1],
          ],
    );
    for (const { slots, trialsPerHour, epochsPerSecond } of measured) {
      expect(epochsPerSecond).toHaveLength(2);
      const mean = epochsPerSecond.reduce((sum, rate) => sum + rate, 0) / 2;
      expect(mean).toBeGreaterThan(0);
      expect(mean).toBeLessThanOrEqual(25 * slots);
      expect(trialsPerHour).toBeCloseTo((3600 * mean) / 25, 6);
    }
    expect(best.slots).toBe(measured.toSorted((a, b) => b.trialsPerHour - a.trialsPerHour)[0]?.slots);
  }, 60_000);

  it('says why it could not measure, and stops at once when asked to', async () => {
    const { PATH } = fakeNvidiaSmi(NO_GPU);
    const environment = { PATH };
    const broken = { home, trainer: { failsToStart: true }, environment };
    const { code, stderr } = await runKinetune(['devices', '--measure'], broken);
    expect(stderr).toContain('could not be measured: the trainer failed: it exited with code 1');
    expect(code).toBe(3);
    const slow = startKinetune(['devices', '--measure'], { ...broken, trainer: { epochs: 1_000, epochMs: 100 } });
    await slow.until(/round 1/);
    slow.kill('SIGINT');
    expect((await slow.result).code).toBe(130);
  }, 60_000);
});
