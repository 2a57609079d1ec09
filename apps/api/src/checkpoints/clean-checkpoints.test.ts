import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishTrial, openStorage, recordMeasurements } from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { describe, expect, it } from 'vitest';
import { cleanCheckpoints } from './clean-checkpoints.ts';

describe('a store', () => {
  it('is cleaned by its rules: of each study the best weights stay, and what runs keeps all', async () => {
    const home = mkdtempSync(join(tmpdir(), 'kinetune-clean-'));
    {
      await using storage = await openStorage(home);
      const { db } = storage;
      const ids: string[] = [];
      for (const direction of ['maximise', 'minimise'] as const) {
        const metric = direction === 'maximise' ? 'validationAccuracy' : 'trainLoss';
        const study = await runningStudy(db, { name: direction, objective: { metric, direction } });
        for (const [number, value] of [0.2, 0.9].entries()) {
          await study.propose(number);
          const { trial, writer } = await study.claim();
          const values = { trainLoss: value, validationAccuracy: value };
          await recordMeasurements(db, writer, [{ step: 1, epoch: 1, values }]);
          await finishTrial(db, writer, { state: 'COMPLETED' });
          ids.push(trial.id);
        }
      }
      const live = await runningStudy(db, { name: 'live' });
      await live.propose(0);
      ids.push((await live.claim()).trial.id, 'of-somebody-else');
      const paths = ids.flatMap((id) =>
        ['step-000001', 'state-000001', 'other'].map((name) => join('checkpoints', id, name)),
      );
      for (const path of paths) {
        mkdirSync(join(home, path), { recursive: true });
        writeFileSync(join(home, path, 'weights'), 'x'.repeat(100));
      }
      const left = () => paths.filter((path) => existsSync(join(home, path)));
      const options = { store: home, keep: ['best'], quotaBytes: 0 } as const;
      const dry = await cleanCheckpoints(db, { ...options, isDry: true });
      expect([dry.removals.length, left().length]).toEqual([6, paths.length]);
      expect(await cleanCheckpoints(db, options)).toEqual(dry);
      const [low, high, lowLoss, highLoss, running] = ids as [string, string, string, string, string];
      const has = (id: string, name: string) => existsSync(join(home, 'checkpoints', id, name));
      expect([low, high, lowLoss, highLoss].map((id) => has(id, 'step-000001'))).toEqual([false, true, true, false]);
      expect([low, high, lowLoss, highLoss].some((id) => has(id, 'state-000001'))).toBe(false);
      expect([running, 'of-somebody-else'].every((id) => has(id, 'step-000001') && has(id, 'state-000001'))).toBe(true);
      expect(ids.every((id) => has(id, 'other'))).toBe(true);
      expect((await cleanCheckpoints(db, options)).removals).toEqual([]);
      expect(existsSync(join(home, 'removed'))).toBe(false);
    }
    rmSync(home, { recursive: true });
  });
});
