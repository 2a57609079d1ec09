/** Homes with an empty database: making one takes PGlite seconds, copying one does not. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '@kinetune/storage';

export interface PreparedHomes extends Disposable {
  /** A folder for the test's own files, removed at the end. */
  readonly folder: string;
  /** A home of its own for one test. */
  create(): string;
}

export async function prepareHomes(): Promise<PreparedHomes> {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-api-'));
  const template = join(folder, 'template');
  {
    await using _storage = await openStorage(template);
  }
  let count = 0;
  return {
    folder,
    create() {
      const home = join(folder, `home-${count++}`);
      cpSync(template, home, { recursive: true });
      return home;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
