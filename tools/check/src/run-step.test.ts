import { describe, expect, it } from 'vitest';
import { runStep, type Step } from './run-step.ts';

async function run(command: Step['command']) {
  let written = '';
  const options = { root: process.cwd(), write: (text: string) => void (written += text) };
  const { isOk } = await runStep({ name: 'step', command }, options);
  return { isOk, written };
}

describe('a step', () => {
  it('is good when its program says so, and quiet then', async () => {
    const { isOk, written } = await run([process.execPath, '-e', 'console.log("chatter")']);
    expect(isOk).toBe(true);
    expect(written).not.toMatch(/^chatter/m);
  });

  it('fails when its program does, and shows what it said', async () => {
    const { isOk, written } = await run([process.execPath, '-e', 'console.error("the reason"); process.exit(3)']);
    expect(isOk).toBe(false);
    expect(written).toMatch(/^the reason/m);
  });

  it('fails when its program is killed or does not exist', async () => {
    expect((await run([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'])).isOk).toBe(false);
    const { isOk, written } = await run(['no-such-program']);
    expect(isOk).toBe(false);
    expect(written).toContain('ENOENT');
  });
});
