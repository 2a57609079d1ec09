import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

const FIXTURE = {
  'counts.test.ts': `
    import { describe, expect, it } from 'vitest';
    it('passes', () => {});
    it('passes too', () => {});
    it('fails', () => expect(1).toBe(2));
    describe.skip('with PostgreSQL', () => it('opens', () => {}));
    it('skips itself', (context) => context.skip('needs Chromium'));
    it.todo('is not written');
  `,
  'broken.test.ts': `throw new Error('cannot be loaded');`,
};

it('counts what passed, what failed, what could not be loaded, and what was skipped and why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kinetune-tally-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(FIXTURE)) await writeFile(join(folder, name), text);
  const tallyFile = join(folder, 'tally.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporter = join(import.meta.dirname, 'tally-reporter.ts');
  const { promise, resolve: end } = Promise.withResolvers<number | null>();
  const env = { ...process.env, KINETUNE_TALLY_FILE: tallyFile };
  execFile(process.execPath, [vitest, 'run', `--reporter=${reporter}`], { cwd: folder, env }, (error) => {
    end(typeof error?.code === 'number' ? error.code : 0);
  });
  expect(await promise).toBe(1);
  expect(JSON.parse(await readFile(tallyFile, 'utf8'))).toEqual({
    passed: 2,
    failed: 2,
    skipped: [
      { file: 'counts.test.ts', name: 'with PostgreSQL > opens' },
      { file: 'counts.test.ts', name: 'skips itself', note: 'needs Chromium' },
      { file: 'counts.test.ts', name: 'is not written' },
    ],
  });
});
