import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from './open-postgres.ts';
import { createStudy, listStudies } from './studies.ts';
import { describeStorage, sampleStudy } from './testing/index.ts';
import { findPostgres, startPostgres, type PostgresServer } from './testing/postgres-server.ts';

const home = mkdtempSync(join(tmpdir(), 'kinetune-postgres-home-'));
afterAll(() => rmSync(home, { recursive: true }));

describe.skipIf(findPostgres() === undefined)('with a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  afterAll(() => server[Symbol.asyncDispose]());

  describeStorage('PostgreSQL', () => openPostgres(home, server.newDatabase()));

  it('is migrated once by processes that start together', async () => {
    const url = server.newDatabase();
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgres(home, url)));
    const [first, ...others] = opened as [(typeof opened)[number]];
    await createStudy(first.db, sampleStudy());
    for (const { db } of others) expect(await listStudies(db)).toHaveLength(1);
    for (const one of opened) await one[Symbol.asyncDispose]();
  });

  it('goes on after the server was restarted', async () => {
    await using storage = await openPostgres(home, server.newDatabase());
    await createStudy(storage.db, sampleStudy());
    server.restart('immediate');
    await setTimeout(100); // the pool hears that its connections broke
    expect(await listStudies(storage.db)).toHaveLength(1);
  });

  it('says that it cannot be reached while the server is down', async () => {
    await using storage = await openPostgres(home, server.newDatabase());
    server.stop('fast');
    // More often than there are connections.
    for (let attempt = 0; attempt < 12; attempt++)
      await expect(createStudy(storage.db, sampleStudy())).rejects.toMatchObject({ code: 'storage-unreachable' });
    server.start();
    await createStudy(storage.db, sampleStudy());
  });
});

describe('an address of PostgreSQL', () => {
  it('that nobody answers at is named without its password', async () => {
    const opening = openPostgres(home, 'postgresql://ada:secret@127.0.0.1:1/kinetune');
    await expect(opening).rejects.toMatchObject({ code: 'storage-unreachable' });
    await expect(opening).rejects.toThrow('could not open the database at postgresql://ada@127.0.0.1:1/kinetune');
    await expect(opening).rejects.not.toThrow('secret');
  });

  it.each(['not an address', 'mysql://localhost/kinetune'])('that is none is refused: %s', async (url) => {
    await expect(openPostgres(home, url)).rejects.toThrow('expected DATABASE_URL to be like postgresql://');
  });
});
