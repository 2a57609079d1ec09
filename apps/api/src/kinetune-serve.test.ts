/** `kinetune serve` trains what its studies want trained, and `kinetune train` beside it on the same home uses it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy } from './testing/small-study.ts';

let homes: PreparedHomes;
beforeAll(async () => {
  homes = await prepareHomes();
});
afterAll(() => homes[Symbol.dispose]());

describe('kinetune train beside kinetune serve', { timeout: 180_000 }, () => {
  it('sends its study there, follows it to its findings, and leaves the database to the server', async () => {
    const home = homes.create();
    const study = writeSmallStudy(join(homes.folder, 'served'), { name: 'served', trials: 3 });
    const environment = { KINETUNE_SILENT_AGENT_MS: '30000' };
    const options = { home, trainer: { epochs: 3 }, environment };
    const words = ['serve', '--port', '0', '--slots', '2', '--allow-data', homes.folder];
    const server = startKinetune(words, options);
    await server.until(/Ctrl-C stops it/);
    const { code, stdout, stderr } = await runKinetune(['train', study, '--json'], options);
    expect(stderr).toContain('served is trained by the API at http://127.0.0.1:');
    expect(stderr.match(/served: trial \d completed, best/g)).toHaveLength(3);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: { name: 'served', state: 'COMPLETED' } });
    const again = await runKinetune(['train', study, '--json', '--quiet'], options);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(stdout));
    const shut = await runKinetune(['study', 'replay', 'served', '--pruner', 'percentile'], options);
    expect(shut.code).toBe(3);
    expect(shut.stderr).toMatch(/an API has .* open: ask it over GraphQL at http:\/\/127\.0\.0\.1:\d+\/graphql/);
    server.kill('SIGTERM');
    expect((await server.result).code).toBe(0);
    expect(existsSync(join(home, 'api.json'))).toBe(false);
    const alone = await runKinetune(['study', 'show', 'served', '--json'], options);
    expect(JSON.parse(alone.stdout)).toMatchObject({ study: { name: 'served', state: 'COMPLETED' } });
  });

  it('goes on without it where the server was killed and left its note', async () => {
    const home = homes.create();
    const study = writeSmallStudy(join(homes.folder, 'killed'), { name: 'killed', trials: 1 });
    const options = { home, trainer: { epochs: 2 } };
    const server = startKinetune(['serve', '--port', '0', '--slots', '1'], options);
    await server.until(/Ctrl-C stops it/);
    server.kill('SIGKILL');
    await server.result;
    expect(existsSync(join(home, 'api.json'))).toBe(true);
    const { code, stderr } = await runKinetune(['train', study], options);
    expect(stderr).toContain('trial 0 completed');
    expect(code).toBe(0);
  });
});

describe('kinetune worker', () => {
  it('says what it needs where no database is named', async () => {
    const { code, stderr } = await runKinetune(['worker'], {
      home: join(homes.folder, 'none'),
      trainer: undefined,
      environment: { DATABASE_URL: '' },
    });
    expect(stderr).toContain('a worker shares a PostgreSQL database with the API: set DATABASE_URL to its address');
    expect(code).toBe(2);
  });
});
