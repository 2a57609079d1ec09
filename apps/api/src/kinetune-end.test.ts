import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runKinetune, startKinetune, type KinetuneOptions } from './testing/kinetune-process.ts';

const EXIT_IS_CALLED = 'process.exit was called';
/** Tells of process.exit and does not end the process by it: a command that relies on it would not end at all. */
const WITHOUT_EXIT = `data:text/javascript,process.exit = () => process.stderr.write('${EXIT_IS_CALLED}')`;

describe('the kinetune command', () => {
  const root = mkdtempSync(join(tmpdir(), 'kinetune-end-'));
  const options: KinetuneOptions = {
    home: join(root, 'home'),
    trainer: {},
    environment: { NODE_OPTIONS: `--import ${JSON.stringify(WITHOUT_EXIT)}` },
  };
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['--help', 0],
    ['study list', 0],
    ['study show nothing', 2],
    ['data list', 0],
  ])(
    'ends by itself: %s',
    async (words, code) => {
      const result = await runKinetune(words.split(' '), options);
      expect(result).toMatchObject({ code, stderr: expect.not.stringContaining(EXIT_IS_CALLED) });
    },
    60_000,
  );

  it('ends by itself after serving', async () => {
    const server = startKinetune(['serve', '--port', '0'], options);
    await server.until(/The API of/);
    server.kill('SIGTERM');
    expect(await server.result).toMatchObject({ code: 0, stderr: expect.not.stringContaining(EXIT_IS_CALLED) });
  }, 60_000);
});
