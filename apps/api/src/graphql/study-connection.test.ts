import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStudy, openStorage, setArchived, setStudyState, type Storage } from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from './context.ts';
import { schema } from './schema.ts';

const NAMES = ['wrist-b', 'ankle_1', 'Wrist-a', 'ankle-1', 'hip'] as const;

interface StudyPage {
  readonly studies: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly name: string }[];
    readonly pageInfo: { readonly startCursor: string; readonly endCursor: string };
  };
}

describe('pages of studies', () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-studies-'));
  let storage: Storage;
  beforeAll(async () => {
    storage = await openStorage(home);
    for (const name of NAMES) {
      const phase = name === 'hip' ? 'exploit' : 'explore';
      const { id } = await createStudy(storage.db, sampleStudy({ name, phase }), { state: 'PAUSED' });
      if (name === 'ankle-1') await setStudyState(storage.db, id, 'COMPLETED');
      if (name === 'ankle_1') await setArchived(storage.db, id, true);
    }
  }, 60_000);
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function execute(page: string) {
    const contextValue = {
      db: storage.db,
      viewer: { role: 'viewer', name: 'test', isLocal: true },
    } as unknown as Context;
    const source = `{ studies(${page}) { totalCount nodes { name } pageInfo { endCursor startCursor } } }`;
    return graphql({ schema, source, contextValue });
  }

  async function read(page: string) {
    const { data, errors } = await execute(page);
    expect(errors).toBeUndefined();
    const { totalCount, nodes, pageInfo } = (data as unknown as StudyPage).studies;
    return { totalCount, names: nodes.map(({ name }) => name), pageInfo };
  }

  it('hold the latest first, without those put away', async () => {
    expect(await read('first: 10')).toMatchObject({
      totalCount: 4,
      names: ['hip', 'ankle-1', 'Wrist-a', 'wrist-b'],
    });
    expect((await read('isArchived: true')).names).toEqual(['ankle_1']);
    expect((await read('isArchived: null')).totalCount).toBe(5);
  });

  it.each(['{ by: NAME }', '{ by: NAME, isDescending: true }', '{ by: CREATED_AT }', '{ by: UPDATED_AT }'])(
    'hold each study once, page by page, forwards and backwards: %s',
    async (order) => {
      const whole = (await read(`order: ${order}`)).names;
      expect(whole).toHaveLength(4);
      const forwards = await read(`first: 3, order: ${order}`);
      const rest = await read(`first: 3, order: ${order}, after: "${forwards.pageInfo.endCursor}"`);
      expect([...forwards.names, ...rest.names]).toEqual(whole);
      const last = await read(`last: 3, order: ${order}`);
      const before = await read(`last: 3, order: ${order}, before: "${last.pageInfo.startCursor}"`);
      expect([...before.names, ...last.names]).toEqual(whole);
    },
  );

  it('show no study twice where one is made between two pages', async () => {
    const first = await read('first: 2');
    const { id } = await createStudy(storage.db, sampleStudy({ name: 'between' }), { state: 'PAUSED' });
    const rest = await read(`first: 9, after: "${first.pageInfo.endCursor}"`);
    await setArchived(storage.db, id, true);
    expect([...first.names, ...rest.names]).toEqual(['hip', 'ankle-1', 'Wrist-a', 'wrist-b']);
  });

  it('hold what matches the filter alone, whose text is no pattern', async () => {
    expect((await read('filter: { nameContains: "wRIST" }')).names).toEqual(['Wrist-a', 'wrist-b']);
    expect((await read('isArchived: null, filter: { nameContains: "e_1" }')).names).toEqual(['ankle_1']);
    expect((await read('filter: { nameContains: "%" }')).names).toEqual([]);
    expect((await read('filter: { states: [COMPLETED] }')).names).toEqual(['ankle-1']);
    expect(await read('filter: { phases: [EXPLOIT] }')).toMatchObject({ totalCount: 1, names: ['hip'] });
    expect((await read('filter: { models: ["nothing"] }')).names).toEqual([]);
  });

  it('refuse a cursor of another order in words', async () => {
    const { pageInfo } = await read('first: 1, order: { by: NAME }');
    const { errors } = await execute(`after: "${pageInfo.endCursor}"`);
    expect(errors?.[0]?.message).toContain('expected a cursor of this connection in the same order');
  });
});
