import { describe, expect, it } from 'vitest';
import { once } from '../once.ts';
import { createStudy, findStudyByName, listStudies } from '../studies.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { sampleStudy } from './sample-study.ts';

export function describeOnce(databaseOf: DatabaseOf): void {
  describe('requests with a key', () => {
    const create = (name: string, key: string) =>
      once(databaseOf(), { operation: 'create', key, request: { name } }, async (tx) => {
        return (await createStudy(tx, sampleStudy({ name }))).id;
      });

    it('are done once, however often and concurrently they come', async () => {
      const ids = await Promise.all([create('once', 'a'), create('once', 'a'), create('once', 'a')]);
      expect(new Set(ids).size).toBe(1);
      expect(await findStudyByName(databaseOf(), 'once')).toMatchObject({ id: ids[0] });
    });

    it('refuse a key that was used for another request', async () => {
      const before = await listStudies(databaseOf());
      await expect(create('another', 'a')).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      expect(await listStudies(databaseOf())).toEqual(before);
    });

    it('are done by a retry where the first try failed, which leaves nothing', async () => {
      const failing = once(
        databaseOf(),
        { operation: 'create', key: 'b', request: { name: 'retried' } },
        async (tx) => {
          await createStudy(tx, sampleStudy({ name: 'retried' }));
          throw new Error('the machine failed');
        },
      );
      await expect(failing).rejects.toThrow('the machine failed');
      expect(await findStudyByName(databaseOf(), 'retried')).toBeUndefined();
      await create('retried', 'b');
      expect(await findStudyByName(databaseOf(), 'retried')).toBeDefined();
    });
  });
}
