import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judgeSkips } from './skipped-tests.ts';

const recordings = {
  file: 'libs/data/src/import/hapt.test.ts',
  name: 'HAPT (needs the real recordings) > has 30 people',
};
const postgres = { file: 'libs/storage/src/storage.test.ts', name: 'storage on PostgreSQL > opens' };
const unstated = { file: 'libs/search/src/x.test.ts', name: 'does a thing' };

describe('skipped tests', () => {
  it('are listed under what they need, with the command that provides it', () => {
    const { lines, failedCount } = judgeSkips([postgres, recordings, unstated], { root: '/nowhere/x', env: {} });
    expect(failedCount).toBe(0);
    expect(lines).toEqual([
      'skipped: 1 that need PostgreSQL. Run: apt-get install -y postgresql && npm test',
      '  libs/storage/src/storage.test.ts: storage on PostgreSQL > opens',
      'skipped: 1 that need the real recordings. Run: KINETUNE_TEST_DATA=/folder/of/recordings npm test',
      '  libs/data/src/import/hapt.test.ts: HAPT (needs the real recordings) > has 30 people',
      'skipped: 1 that need a reason that its name does not state. Run: npm test',
      '  libs/search/src/x.test.ts: does a thing',
    ]);
  });

  it('fail where everything is required, those for recordings that are not there excepted', () => {
    const env = { KINETUNE_REQUIRE_ALL: '1' };
    const { lines, failedCount } = judgeSkips([postgres, recordings, unstated], { root: '/nowhere/x', env });
    expect(failedCount).toBe(2);
    expect(lines.filter((line) => line.startsWith('FAILED'))).toHaveLength(2);
    expect(lines).toContainEqual(expect.stringMatching(/^skipped: 1 that need the real recordings/));
  });

  it('for want of a right that a sandbox takes from everyone are listed, and fail nowhere', () => {
    const name = 'a store without room (skipped: this process may not mount a tmpfs) > fails trials';
    const env = { KINETUNE_REQUIRE_ALL: '1' };
    const { lines, failedCount } = judgeSkips([{ file: 'x.test.ts', name }], { root: '/nowhere/x', env });
    expect(failedCount).toBe(0);
    expect(lines[0]).toBe(
      'skipped: 1 that need the right to mount a file system. Run: npm test, as root and outside of a sandbox',
    );
  });

  it('go by the reason that a name gives in brackets, whatever else it speaks of', () => {
    const name =
      'the watch data (skipped: no watch data; run npx kinetune data fetch watch) > has recordings of samples';
    const { lines } = judgeSkips([{ file: 'x.test.ts', name }], { root: '/nowhere/x', env: {} });
    expect(lines[0]).toContain('that need the watch data. Run: npx kinetune data fetch watch');
  });

  it('fail where the recordings are there and were not used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinetune-skips-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = { KINETUNE_REQUIRE_ALL: '1', KINETUNE_TEST_DATA: folder };
    expect(judgeSkips([recordings], { root: '/nowhere/x', env }).failedCount).toBe(1);
  });
});
