import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from './open-storage.ts';
import { describeStorage } from './testing/index.ts';

describeStorage('PGlite', async () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-storage-'));
  const storage = await openStorage(home);
  return {
    db: storage.db,
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      rmSync(home, { recursive: true });
    },
  };
});
