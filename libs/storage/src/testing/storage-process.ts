import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const script = join(import.meta.dirname, 'storage-child.ts');

/** A child that opens a home (storage-child.ts); killed when disposed of. */
export interface StorageProcess extends AsyncDisposable {
  readonly pid: number;
  /** The next line it prints; undefined at its end. */
  readonly nextLine: () => Promise<string | undefined>;
  /** kill -9, and waits until it is dead. */
  readonly kill: () => Promise<void>;
}

export function storageProcess(home: string, mode?: 'write'): StorageProcess {
  const child = spawn(process.execPath, [script, home, ...(mode === undefined ? [] : [mode])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  return {
    pid: child.pid as number,
    async nextLine() {
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
