import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InputError } from '@kinetune/study';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bestMeasurements } from '../training/best-measurements.ts';
import type { TrialMeasurement } from '../training/trial-measurement.ts';
import { readModelCheckpoint } from './model-checkpoint.ts';
import { clearTrialFolder, commitEpoch, finishTrialFolder, openResumePoint } from './trial-folder.ts';
import { exampleEpoch, exampleScores } from './testing/example-epoch.ts';

const objective = { metric: 'validationMacroF1', direction: 'maximise' } as const;
const bestSteps = (measurements: readonly TrialMeasurement[]): readonly number[] =>
  bestMeasurements(measurements, objective, 1).map(({ step }) => step);

let folder: string;
let damage: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trial-folder-'));
  damage = [];
  await clearTrialFolder(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openResumePoint(folder, { bestSteps, onDamage: (error: InputError) => damage.push(error.message) });

/** Epochs 1 to `count` with 10 steps each; the scores rise, fall and rise, so the best model changes twice. */
async function commitEpochs(count: number): Promise<void> {
  let previous: readonly number[] = [];
  for (let epoch = 1; epoch <= count; epoch++) {
    const finished = exampleEpoch(epoch);
    await commitEpoch(folder, finished, previous);
    previous = finished.bestSteps;
  }
}

describe('a trial folder', () => {
  it('keeps the newest two states, the best model, and every measurement', async () => {
    await commitEpochs(4);
    expect(readdirSync(folder).sort()).toEqual(['measurements.log', 'state-000030', 'state-000040', 'step-000020']);
    const point = await open();
    expect(point?.state.step).toBe(40);
    expect(point?.state.tensors.get('w')?.data).toEqual(Float32Array.of(4, 4.5));
    expect(point?.measurements.map(({ values }) => values['validationMacroF1'])).toEqual(exampleScores.slice(0, 4));
    expect((await readModelCheckpoint(join(folder, 'step-000020'))).description.epoch).toBe(2);
    expect(damage).toEqual([]);
    await finishTrialFolder(folder, [20]);
    expect(readdirSync(folder).sort()).toEqual(['measurements.log', 'state-000040', 'step-000020']);
  });

  it('goes back to the state before when the newest is damaged, whichever file and however', async () => {
    const ways: readonly ((file: string) => void)[] = [
      (file) => truncateSync(file, readFileSync(file).length - 3),
      (file) => truncateSync(file, 0),
      (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 2] = (bytes.at(-2) as number) ^ 1;
        writeFileSync(file, bytes);
      },
      (file) => rmSync(file),
    ];
    for (const name of ['state.safetensors', 'state.json', 'SHA256SUMS']) {
      for (const harm of ways) {
        await clearTrialFolder(folder);
        damage = [];
        await commitEpochs(3);
        harm(join(folder, 'state-000030', name));
        const point = await open();
        expect(point?.state.step).toBe(20);
        expect(point?.measurements).toHaveLength(2);
        expect(damage).toHaveLength(1);
        expect(damage[0]).toContain(join(folder, 'state-000030'));
        // What is newer than the state is taken back.
        expect(readdirSync(folder).filter((entry) => entry.endsWith('30'))).toEqual([]);
        await commitEpoch(folder, exampleEpoch(3), [20]);
        expect((await open())?.measurements).toHaveLength(3);
      }
    }
  });

  it('does not trust a state whose best model or whose measurements are damaged', async () => {
    await commitEpochs(4);
    truncateSync(join(folder, 'step-000020', 'weights.safetensors'), 20);
    expect(await open()).toBeUndefined();
    expect(damage).toHaveLength(2);

    await clearTrialFolder(folder);
    await commitEpochs(4);
    const log = join(folder, 'measurements.log');
    writeFileSync(log, readFileSync(log, 'utf8').replace(`${exampleScores[3]}`, '0.9999'));
    expect((await open())?.state.step).toBe(30);
  });

  it('forgets measurements that no state follows, torn ones too', async () => {
    await commitEpochs(2);
    const log = join(folder, 'measurements.log');
    const whole = readFileSync(log);
    const line = readFileSync(log, 'utf8').split('\n')[1] as string;
    appendFileSync(log, line.slice(0, 30));
    const point = await open();
    expect(point?.measurements).toHaveLength(2);
    expect(readFileSync(log).equals(whole)).toBe(true);
  });

  it('has nothing to continue from when it is empty or missing', async () => {
    expect(await open()).toBeUndefined();
    rmSync(folder, { recursive: true });
    expect(await open()).toBeUndefined();
  });

  it('survives SIGKILL at any moment: what was reported as durable is there', { timeout: 60_000 }, async () => {
    const writer = fileURLToPath(new URL('./testing/write-epochs-forever.ts', import.meta.url));
    for (let attempt = 0; attempt < 6; attempt++) {
      await clearTrialFolder(folder);
      const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      let reported = '';
      const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
      child.stdout.on('data', (chunk: Buffer) => {
        reported += chunk.toString();
        // A different place in the write each time.
        if (reported.split('\n').length > 3 + attempt) setTimeout(() => child.kill('SIGKILL'), attempt * 2);
      });
      await closed;
      const durable = Number(reported.trimEnd().split('\n').at(-1));
      damage = [];
      const point = await open();
      expect(durable).toBeGreaterThan(0);
      expect(point?.state.step).toBeGreaterThanOrEqual(durable);
      expect(point?.measurements.at(-1)?.step).toBe(point?.state.step);
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });

  it('on a full disk says so, and keeps what was durable', { timeout: 60_000 }, async () => {
    const writer = fileURLToPath(new URL('./testing/write-epochs-forever.ts', import.meta.url));
    await commitEpochs(2);
    // The shell's limit on a file's size (512-byte blocks) stands in for a full disk: the same write fails in the same way.
    const script = `ulimit -f 8; exec "$0" "$1" "$2" 4000`;
    const child = spawn('sh', ['-c', script, process.execPath, writer, folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).not.toBe(0);
    expect(errors).toMatch(/disk-full.*no room to write .*\(EFBIG\): free some space/s);
    const names = readdirSync(folder).sort();
    expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
    expect((await open())?.state.step).toBe(20);
  });
});
