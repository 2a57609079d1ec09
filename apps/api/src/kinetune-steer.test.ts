/** `kinetune study` from outside: deciding about a study as a whole, by the code that the mutations run. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QUESTION_IDS } from '@kinetune/search';
import { findStudyByName, listLaunches, listTrials, openStorage, setOverride } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKinetune, startKinetune, type KinetuneResult } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy } from './testing/small-study.ts';

let homes: PreparedHomes;
/** Holds the study `small` of two completed trials. */
let home: string;

beforeAll(async () => {
  homes = await prepareHomes();
  home = homes.create();
  const file = writeSmallStudy(join(homes.folder, 'study'), { trials: 2 });
  expect(await runKinetune(['train', file, '-q'], { home, trainer: {} })).toMatchObject({ code: 0 });
}, 300_000);
afterAll(() => homes[Symbol.dispose]());

const study = (...args: readonly string[]): Promise<KinetuneResult> =>
  runKinetune(['study', ...args], { home, trainer: {} });

async function done(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await study(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function refused(...args: readonly string[]): Promise<{ readonly code: string; readonly message: string }> {
  const { code, stdout } = await study(...args, '--json');
  expect(code, stdout).toBe(2);
  return (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
}

describe('kinetune study', { timeout: 300_000 }, () => {
  it('extends a budget, which a completed study goes on with, and pauses and resumes it', async () => {
    expect(await done('extend', 'small', '--trials', '4')).toEqual({
      study: 'small',
      trials: 4,
      trialsBefore: 2,
      state: 'RUNNING',
    });
    expect(await refused('extend', 'small', '--trials', '1000001')).toMatchObject({ code: 'bad-budget' });
    expect(await refused('archive', 'small')).toMatchObject({ code: 'study-running' });
    expect(await done('pause', 'small')).toMatchObject({ state: 'PAUSED' });
    expect(await done('resume', 'small')).toMatchObject({ state: 'RUNNING' });
    expect(await refused('delete', 'small', '--yes')).toMatchObject({ code: 'study-running' });
    expect(await refused('pause', 'smal')).toMatchObject({
      code: 'unknown-study',
      message: expect.stringContaining('Did you mean small?'),
    });
  });

  it('adopts and rejects once each question is answered or passed over', async () => {
    const adoption = ['adopt', 'small', '--trial', '1', '--baseline', '0', '--reason', 'it is better'];
    expect(await refused(...adoption)).toMatchObject({ code: 'conclusion-locked' });
    {
      await using storage = await openStorage(home);
      const found = await findStudyByName(storage.db, 'small');
      for (const question of QUESTION_IDS)
        await setOverride(storage.db, found?.id ?? '', { question, reason: 'a test', by: 'ada', at: '2026-11-25' });
    }
    expect(await refused('adopt', 'small', '--trial', '9', '--reason', 'x')).toMatchObject({ code: 'not-completed' });
    expect(await refused('adopt', 'small', '--trial', '1', '--reason', ' ')).toMatchObject({
      code: 'decision-without-reason',
    });
    expect(await done(...adoption, '--by', 'ada')).toMatchObject({ decision: 'adopted', trial: 1, baseline: 0 });
    expect(await done('reject', 'small', '--trial', '0', '--reason', 'it is worse')).toMatchObject({
      decision: 'rejected',
      baseline: null,
    });
    await using storage = await openStorage(home);
    expect(await listLaunches(storage.db)).toMatchObject([
      { decision: 'rejected', reason: 'it is worse' },
      { decision: 'adopted', reason: 'it is better', decidedBy: 'ada' },
    ]);
  });

  it('cancels a study with a reason, archives it out of the list, and brings it back', async () => {
    expect(await refused('cancel', 'small', '--reason', ' ')).toMatchObject({ code: 'text-empty' });
    expect(await done('cancel', 'small', '--reason', 'enough')).toMatchObject({ state: 'CANCELLED' });
    expect(await refused('extend', 'small', '--trials', '9')).toMatchObject({ code: 'study-cancelled' });
    expect(await done('archive', 'small')).toMatchObject({ archivedAt: expect.any(String) });
    expect(await done('list')).toEqual([]);
    expect((await study('list')).stderr).toContain('1 archived study more: --archived lists all.');
    expect(await done('list', '--archived')).toMatchObject([{ name: 'small', archivedAt: expect.any(String) }]);
    expect(await done('unarchive', 'small')).toMatchObject({ archivedAt: null });
    expect(await done('list')).toMatchObject([{ name: 'small' }]);
  });

  it('says what would go before it deletes a study, and what went when it is told to', async () => {
    const store = join(homes.folder, 'store');
    {
      await using storage = await openStorage(home);
      const found = await findStudyByName(storage.db, 'small');
      const [trial] = await listTrials(storage.db, found?.id ?? '');
      for (const name of ['step-000001', 'state-000001']) {
        mkdirSync(join(store, 'checkpoints', trial?.id ?? '', name), { recursive: true });
        writeFileSync(join(store, 'checkpoints', trial?.id ?? '', name, 'weights'), 'x'.repeat(500));
      }
      mkdirSync(join(store, 'checkpoints', 'of-another', 'step-000001'), { recursive: true });
      mkdirSync(join(store, 'logs', 'small'), { recursive: true });
      writeFileSync(join(store, 'logs', 'small', 'trial-0000.log'), 'x'.repeat(1000));
    }
    const asked = await refused('delete', 'small', '--store', store);
    expect(asked.code).toBe('not-confirmed');
    expect(asked.message).toContain('with 2 trials and 2 checkpoints, 2 kB with their logs: nothing was deleted');
    expect(await done('delete', 'small', '--store', store, '--yes')).toEqual({
      study: 'small',
      trials: 2,
      checkpoints: 2,
      freedBytes: 2000,
    });
    expect(readdirSync(join(store, 'checkpoints'))).toEqual(['of-another']);
    expect(existsSync(join(store, 'logs', 'small'))).toBe(false);
    expect(await done('list', '--archived')).toEqual([]);
  });

  it('asks the API that has the home open, which answers the same', async () => {
    const file = writeSmallStudy(join(homes.folder, 'served'), { name: 'served', trials: 2 });
    expect(await runKinetune(['train', file, '-q'], { home, trainer: {} })).toMatchObject({ code: 0 });
    const adoption = ['adopt', 'served', '--trial', '1', '--baseline', '0', '--reason', 'it is better'];
    const alone = [await refused('delete', 'served'), await refused(...adoption)];
    const server = startKinetune(['serve', '--port', '0', '--no-agent'], { home, trainer: {} });
    try {
      await server.until(/Ctrl-C stops it/);
      expect([await refused('delete', 'served'), await refused(...adoption)]).toEqual(alone);
      for (const question of QUESTION_IDS)
        await done('override', 'served', '--question', question, '--reason', 'a test');
      expect(await done(...adoption)).toMatchObject({ decision: 'adopted', trial: 1, by: 'local' });
      const rejection = ['reject', 'served', '--trial', '0', '--reason', 'it is worse'];
      expect(await done(...rejection)).toMatchObject({ decision: 'rejected', baseline: null });
      expect(await done('delete', 'served', '--yes')).toMatchObject({ study: 'served', trials: 2 });
      expect(await done('list', '--archived')).toEqual([]);
    } finally {
      server.kill('SIGTERM');
      await server.result;
    }
  });

  it('deletes a paused study whose process was killed: nobody trains it any more', async () => {
    const file = writeSmallStudy(join(homes.folder, 'killed'), { name: 'killed', trials: 2 });
    const training = startKinetune(['train', file], { home, trainer: { epochMs: 60_000 } });
    await training.until(/trial 0/);
    training.kill('SIGKILL');
    await training.result;
    expect(await done('pause', 'killed')).toMatchObject({ state: 'PAUSED' });
    expect(await done('delete', 'killed', '--yes')).toMatchObject({ study: 'killed' });
  });
});
