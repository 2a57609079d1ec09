import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of a test's own, removed at its end. */
export async function scratchFolder(): Promise<
  AsyncDisposable & { readonly path: string; write(name: string, content: string | Uint8Array): Promise<string> }
> {
  const path = await mkdtemp(join(tmpdir(), 'kinetune-test-'));
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
