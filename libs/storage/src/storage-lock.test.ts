import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStorage } from './open-storage.ts';
import { lockStorage, readLockHolder } from './storage-lock.ts';
import { storageProcess } from './testing/storage-process.ts';
import { temporaryFolder, temporaryHome } from './testing/temporary-folder.ts';

describe('the lock of a home', () => {
  it('tells the second who has it, since when, and what to do', async () => {
    using folder = await temporaryHome();
    await using holder = storageProcess(folder.path);
    expect(await holder.nextLine()).toBe('open');
    const refused = openStorage(folder.path);
    await expect(refused).rejects.toMatchObject({ name: 'EnvironmentError', code: 'storage-locked' });
    await expect(refused).rejects.toThrow(
      new RegExp(`process ${holder.pid} \\(.*storage-child.ts.*\\), since \\d{4}-.*stop it.*KINETUNE_HOME`),
    );
  });

  it('is never taken from a living holder, whatever happens to the note beside it', async () => {
    using folder = await temporaryHome();
    await using holder = storageProcess(folder.path);
    await holder.nextLine();
    const note = join(folder.path, 'database.holder.json');
    for (const spoil of [() => writeFileSync(note, '{"pid": 12'), () => rmSync(note)]) {
      spoil();
      await expect(openStorage(folder.path)).rejects.toThrow('in use by another process');
    }
  });

  it('is free at once when its holder was killed, and the note it left misleads nobody', async () => {
    using folder = await temporaryHome();
    await using holder = storageProcess(folder.path);
    await holder.nextLine();
    await holder.kill();
    // As if the dead holder's pid now belonged to another, living process.
    writeFileSync(
      join(folder.path, 'database.holder.json'),
      JSON.stringify({ pid: process.pid, host: 'here', command: 'old', since: 'then' }),
    );
    await using storage = await openStorage(folder.path);
    expect(readLockHolder(storage.home)).toMatchObject({
      pid: process.pid,
      command: expect.not.stringMatching(/^old$/),
    });
  });

  it('goes to exactly one of several that start at once', async () => {
    using folder = await temporaryHome();
    for (let round = 0; round < 2; round++) {
      const children = Array.from({ length: 3 }, () => storageProcess(folder.path));
      const lines = await Promise.all(children.map((child) => child.nextLine()));
      expect(lines.filter((line) => line === 'open')).toHaveLength(1);
      expect(lines.filter((line) => line?.startsWith('storage-locked '))).toHaveLength(2);
      await Promise.all(children.map((child) => child.kill()));
    }
  }, 180_000);

  it('is one within a process too', () => {
    using folder = temporaryFolder();
    using _ = lockStorage(folder.path);
    expect(() => lockStorage(folder.path)).toThrow('in use by process');
  });

  it('can be taken again once released, and leaves no note', () => {
    using folder = temporaryFolder();
    lockStorage(folder.path)[Symbol.dispose]();
    expect(existsSync(join(folder.path, 'database.holder.json'))).toBe(false);
    lockStorage(folder.path)[Symbol.dispose]();
  });

  it('does not stumble over a lock file with foreign bytes', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'database.lock'), '{"pid": 12'.repeat(100));
    using _ = lockStorage(folder.path);
    expect(() => lockStorage(folder.path)).toThrow('in use by process');
  });

  it('says what a home has to be where it cannot lock', () => {
    using folder = temporaryFolder();
    expect(() => lockStorage(join(folder.path, 'missing'))).toThrow(/could not lock .*KINETUNE_HOME has to be/);
  });
});
