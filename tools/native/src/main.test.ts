import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locateNative } from '@kinetune/models/native';
import { describe, expect, it } from 'vitest';
import { FakeMachine, SOUND_WHEEL, until } from './testing/fake-machine.ts';

const CPU_BUILD = `tensorflow-2.21.0-cpu-tfjs-4.22.0-${process.platform}-${process.arch}`;
const GPU_BUILD = CPU_BUILD.replace('cpu', 'gpu');

/** A bash line that never ends by itself; `exec`, so that the signal reaches it. */
const HANG = 'exec sleep 600';

async function machineWith(...parts: readonly ('pip' | 'compiler')[]): Promise<FakeMachine> {
  const machine = await FakeMachine.create();
  if (parts.includes('pip')) await machine.addPip();
  if (parts.includes('compiler')) await machine.addCompiler();
  return machine;
}

describe('where TensorFlow cannot be set up, the script says what was tried and the command that mends it', () => {
  it('names every missing program in one command', async () => {
    await using machine = await machineWith();
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('g++ (builds the addon): not on the search path');
    expect(stderr).toContain('no python3');
    expect(stderr).toMatch(/Run: .*apt-get install -y g\+\+ python3 python3-pip && npx nx run native:build\n$/);
    expect(await machine.listCache()).toEqual([]);
  });

  it('tells a python3 without pip from no python3', async () => {
    await using machine = await machineWith('compiler');
    await machine.addProgram('python3', 'echo "No module named pip" >&2; exit 1');
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no pip');
    expect(stderr).toMatch(/apt-get install -y python3-pip && npx/);
  });

  it('shows what pip said when the index cannot be reached, and leaves nothing behind', async () => {
    await using machine = await machineWith('compiler');
    const refuse = '[[ "$*" == *download* ]] || exit 0; echo "ERROR: connection refused by the index" >&2; exit 1';
    await machine.addProgram('python3', refuse);
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('python3 -m pip download tensorflow');
    expect(stderr).toContain('connection refused by the index');
    expect(stderr).toMatch(/Run: PIP_INDEX_URL=/);
    expect(await machine.listCache()).toEqual([]);
  });

  it('recognises a full disk from what pip said', async () => {
    await using machine = await machineWith('compiler');
    const fail = 'echo "ERROR: [Errno 28] No space left on device" >&2; exit 1';
    await machine.addProgram('python3', `[[ "$*" == *download* ]] || exit 0; ${fail}`);
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/The disk filled up[^]*Run: KINETUNE_NATIVE=/);
  });

  it('refuses a wheel that lacks the library', async () => {
    await using machine = await machineWith('compiler');
    const { 'tensorflow/libtensorflow_cc.so.2': _library, ...rest } = SOUND_WHEEL;
    await machine.addPip(rest);
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('should hold tensorflow/libtensorflow_cc.so.2, and does not');
    expect(await machine.listCache()).toEqual([]);
  });

  it('refuses a wheel that is not a zip', async () => {
    await using machine = await machineWith('pip', 'compiler');
    await truncate(join(machine.folder, 'fake.whl'), 100);
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('should be a zip, and cannot be read');
    expect(await machine.listCache()).toEqual([]);
  });

  it('shows what g++ said', async () => {
    await using machine = await machineWith('pip');
    await machine.addProgram('g++', 'echo "fatal error: string: No such file" >&2; exit 1');
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('fatal error: string: No such file');
    expect(await machine.listCache()).toEqual([]);
  });

  it('does not publish an addon that cannot run an operation', async () => {
    await using machine = await machineWith('pip');
    await machine.addProgram('g++', 'while [[ $# -gt 0 ]]; do [[ "$1" == -o ]] && echo garbage > "$2"; shift; done');
    const { exitCode, stderr } = await machine.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('one matrix product');
    expect(await machine.listCache()).toEqual([]);
  });

  it.each([
    ['that is not there', () => Promise.resolve()],
    ['without a library', (folder: string) => mkdir(folder)],
    [
      'without headers',
      async (folder: string) => {
        await mkdir(folder);
        await writeFile(join(folder, 'libtensorflow.so.2'), '');
      },
    ],
  ])('refuses a KINETUNE_LIBTENSORFLOW %s', async (_case, prepare) => {
    await using machine = await machineWith('compiler');
    const folder = join(machine.folder, 'mine');
    await prepare(folder);
    const { exitCode, stderr } = await machine.run([], { KINETUNE_LIBTENSORFLOW: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`KINETUNE_LIBTENSORFLOW=${folder} should be a folder with`);
    expect(stderr).toMatch(/Run: unset KINETUNE_LIBTENSORFLOW && npx nx run native:build\n$/);
  });

  it('refuses a KINETUNE_TENSORFLOW that is neither cpu nor gpu', async () => {
    await using machine = await machineWith('pip', 'compiler');
    const { exitCode, stderr } = await machine.run([], { KINETUNE_TENSORFLOW: 'tpu' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('should be cpu or gpu; it is tpu');
  });

  it('refuses a cache folder that cannot be made', async () => {
    await using machine = await machineWith('pip', 'compiler');
    const file = join(machine.folder, 'a-file');
    await writeFile(file, '');
    const { exitCode, stderr } = await machine.run([], { KINETUNE_NATIVE: join(file, 'cache') });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/cannot be made[^]*Run: KINETUNE_NATIVE=/);
  });

  it('answers a wrong argument with its usage', async () => {
    await using machine = await machineWith();
    const { exitCode, stderr } = await machine.run(['--fast']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Usage: node tools/native/main.mjs');
  });
});

describe.skipIf(!locateNative())('with libtensorflow at hand', () => {
  it('sets TensorFlow up once, and finds it the second time without starting any program', async () => {
    await using machine = await machineWith('pip', 'compiler');
    const first = await machine.run();
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain('TensorFlow 2.21.0 is ready, on the CPU');
    expect(await machine.listCache()).toEqual([CPU_BUILD]);
    const calls = await machine.callsOf('python3');

    const second = await machine.run(['--json']);
    expect(JSON.parse(second.stdout)).toEqual({
      folder: join(machine.cache, CPU_BUILD),
      addon: join(machine.cache, CPU_BUILD, 'tfjs_binding.node'),
      tensorflowVersion: '2.21.0',
      device: 'CPU',
    });
    expect(await machine.callsOf('python3')).toEqual(calls);
    expect(await machine.callsOf('g++')).toHaveLength(1);
  });

  it('builds once when two start at once', async () => {
    await using machine = await machineWith('compiler');
    await machine.addPip(SOUND_WHEEL, 'sleep 1');
    const runs = await Promise.all([machine.run(), machine.run(), machine.run()]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect((await machine.callsOf('python3')).filter((call) => call.includes('download'))).toHaveLength(1);
    expect(runs.filter(({ stdout }) => stdout.includes('Waiting for process'))).toHaveLength(2);
    expect(await machine.listCache()).toEqual([CPU_BUILD]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind when %s interrupts it', async (signal) => {
    await using machine = await machineWith('compiler');
    await machine.addPip(SOUND_WHEEL, HANG);
    const { child, finished } = machine.start();
    await until(async () => (await machine.callsOf('python3')).some((call) => call.includes('download')));
    child.kill(signal);
    const { exitCode, stderr } = await finished;
    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(stderr).toContain('Interrupted; nothing half-made is left behind');
    expect(await machine.listCache()).toEqual([]);
  });

  it('cleans up after one that was killed, whose lock died with it', async () => {
    await using machine = await machineWith('compiler');
    // Waits for the parent's end, so that the test leaves no process behind.
    await machine.addPip(SOUND_WHEEL, 'while kill -0 $PPID 2>/dev/null; do sleep 0.1; done');
    const { child, finished } = machine.start();
    await until(async () => (await machine.callsOf('python3')).some((call) => call.includes('download')));
    child.kill('SIGKILL');
    await finished;
    const left = await machine.listCache();
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^\.building-/);

    await machine.addPip();
    expect(await machine.run()).toMatchObject({ exitCode: 0 });
    expect(await machine.listCache()).toEqual([CPU_BUILD]);
  });

  it('makes a build anew that was damaged', async () => {
    await using machine = await machineWith('pip', 'compiler');
    await machine.run();
    await truncate(join(machine.cache, CPU_BUILD, 'tfjs_binding.node'), 10);
    expect(await machine.run()).toMatchObject({ exitCode: 0 });
    expect(await machine.callsOf('g++')).toHaveLength(2);
    expect(await machine.listCache()).toEqual([CPU_BUILD]);
  });

  it('builds against a library of the person’s own, in the layout of the published C library', async () => {
    await using machine = await machineWith('compiler');
    const mine = join(machine.folder, 'mine');
    await mkdir(join(mine, 'lib'), { recursive: true });
    await mkdir(join(mine, 'include', 'tensorflow', 'c'), { recursive: true });
    await writeFile(join(mine, 'lib', 'libtensorflow.so.2'), '');
    await writeFile(join(mine, 'lib', 'libtensorflow_framework.so.2'), '');
    await writeFile(join(mine, 'include', 'tensorflow', 'c', 'c_api.h'), '');
    const { exitCode } = await machine.run([], { KINETUNE_LIBTENSORFLOW: mine });
    expect(exitCode).toBe(0);
    const [call] = await machine.callsOf('g++');
    expect(call).toContain(`-I${mine}/include`);
    expect(call).toContain(`${mine}/lib/libtensorflow.so.2 ${mine}/lib/libtensorflow_framework.so.2`);
    expect(await machine.listCache()).toEqual([expect.stringMatching(/^folder-[0-9a-f]{16}-/)]);
  });

  it.runIf(process.arch === 'x64')('takes the GPU build and CUDA where nvidia-smi lists a GPU', async () => {
    await using machine = await machineWith('pip', 'compiler');
    await machine.addProgram('nvidia-smi', 'echo "GPU 0: NVIDIA H100 (UUID: GPU-1)"');
    const { exitCode, stdout } = await machine.run();
    expect(exitCode).toBe(0);
    const downloads = (await machine.callsOf('python3')).filter((call) => call.includes('download'));
    expect(downloads[0]).toMatch(/ tensorflow==2\.21\.0$/);
    expect(downloads[1]).toMatch(/ nvidia-cudnn-cu12<10\.0,>=9\.3\.0\.75$/);
    expect(await machine.listCache()).toEqual([GPU_BUILD]);
    // The library behind this test is the CPU's: exactly the silent fall-back that must be said.
    expect(stdout).toContain('Warning: this is the GPU build, but TensorFlow found no GPU');
  });

  it('takes the CPU build where nvidia-smi finds no GPU', async () => {
    await using machine = await machineWith('pip', 'compiler');
    await machine.addProgram('nvidia-smi', 'echo "NVIDIA-SMI has failed"; exit 9');
    expect(await machine.run()).toMatchObject({ exitCode: 0 });
    expect(await machine.listCache()).toEqual([CPU_BUILD]);
  });
});
