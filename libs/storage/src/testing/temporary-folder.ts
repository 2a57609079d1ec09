import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStorage } from '../open-storage.ts';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** An empty folder that is gone after the test: `using folder = temporaryFolder()`. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'kinetune-storage-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

let template: Promise<TemporaryFolder> | undefined;

/** A home with an empty database, copied from one that is made once a test file: making one takes seconds. */
export async function temporaryHome(): Promise<TemporaryFolder> {
  template ??= makeTemplate();
  const home = temporaryFolder();
  cpSync(join((await template).path, 'database'), join(home.path, 'database'), { recursive: true });
  return home;
}

async function makeTemplate(): Promise<TemporaryFolder> {
  const folder = temporaryFolder();
  await using _ = await openStorage(folder.path);
  return folder;
}

afterAll(async () => (await template)?.[Symbol.dispose]());
