/** A machine for tests: a search path with only the programs put there, and an empty cache. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { locateNative } from '@kinetune/models/native';
import { writeZip } from './write-zip.ts';

const MAIN = fileURLToPath(new URL('../../main.mjs', import.meta.url));

export interface FinishedRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedRun {
  readonly child: ChildProcess;
  readonly finished: Promise<FinishedRun>;
}

/** What a sound wheel holds; the libraries are stand-ins, since tests find the real ones by LD_LIBRARY_PATH. */
export const SOUND_WHEEL: Readonly<Record<string, string>> = {
  'tensorflow/libtensorflow_cc.so.2': 'stand-in',
  'tensorflow/libtensorflow_framework.so.2': 'stand-in',
  'tensorflow/include/tensorflow/c/c_api.h': '// stand-in',
  'tensorflow/python/not_wanted.py': 'pass',
  'tensorflow-2.21.0.dist-info/METADATA': 'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"\n',
};

export class FakeMachine implements AsyncDisposable {
  readonly folder: string;
  readonly cache: string;
  readonly #bin: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.cache = join(folder, 'cache');
    this.#bin = join(folder, 'bin');
  }

  static async create(): Promise<FakeMachine> {
    const machine = new FakeMachine(await mkdtemp(join(tmpdir(), 'kinetune-native-test-')));
    await mkdir(machine.#bin);
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Puts a program on the search path: a bash script that first notes its arguments. */
  async addProgram(name: string, script: string): Promise<void> {
    const path = join(this.#bin, name);
    const calls = join(this.folder, `${name}.calls`);
    await writeFile(path, `#!/bin/bash\nPATH=/usr/bin:/bin\necho "$*" >> '${calls}'\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** The arguments of each call of a program so far. */
  async callsOf(name: string): Promise<readonly string[]> {
    const text = await readFile(join(this.folder, `${name}.calls`), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** A python3 whose pip "downloads" a wheel with these files, after `before` (bash) ran. */
  async addPip(files: Readonly<Record<string, string>> = SOUND_WHEEL, before = ''): Promise<void> {
    const wheel = join(this.folder, 'fake.whl');
    await writeZip(wheel, files);
    const cuda = join(this.folder, 'cuda.whl');
    await writeZip(cuda, { 'nvidia/cudnn/lib/libcudnn.so.9': 'stand-in', 'nvidia/cudnn/include/cudnn.h': '' });
    await this.addProgram(
      'python3',
      `[[ "$*" == *download* ]] || exit 0
${before}
while [[ $# -gt 0 ]]; do [[ "$1" == --dest ]] && dest="$2"; last="$1"; shift; done
if [[ "$last" == nvidia* ]]; then cp '${cuda}' "$dest/nvidia.whl"; else cp '${wheel}' "$dest/tensorflow.whl"; fi`,
    );
  }

  /** A g++ that "builds" the addon by copying the real one. */
  async addCompiler(): Promise<void> {
    const addon = locateNative()?.addon ?? '/nonexistent';
    await this.addProgram(
      'g++',
      `while [[ $# -gt 0 ]]; do [[ "$1" == -o ]] && out="$2"; shift; done; cp '${addon}' "$out"`,
    );
  }

  start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): StartedRun {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        PATH: this.#bin,
        HOME: this.folder,
        KINETUNE_NATIVE: this.cache,
        LD_LIBRARY_PATH: realLibraries(),
        // Whatever this machine has, the machine of the test has no GPU that TensorFlow can use.
        CUDA_VISIBLE_DEVICES: '',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { promise, resolve, reject } = Promise.withResolvers<FinishedRun>();
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    return { child, finished: promise };
  }

  async run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<FinishedRun> {
    return this.start(args, env).finished;
  }

  /** What lies in the cache, hidden names included. */
  async listCache(): Promise<readonly string[]> {
    return (await readdir(this.cache).catch(() => [])).sort();
  }
}

/** Every folder in which the build that this machine uses may keep its libraries. */
function realLibraries(): string {
  const native = locateNative();
  if (!native) return '';
  const home = native.source.kind === 'folder' ? native.source.folder : native.folder;
  return ['.', 'lib', 'tensorflow'].map((place) => join(home, place)).join(':');
}

/** Waits until `condition` holds, asking often; fails after ten seconds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the condition did not come to hold within ten seconds');
}
