import { describe, expect, it } from 'vitest';
import { runStep } from './run-step.ts';

describe('a step', () => {
  it('is good when its program says so', async () => {
    const step = { name: 'fine', command: [process.execPath, '-e', ''] } as const;
    expect(await runStep(step, process.cwd())).toMatchObject({ isOk: true });
  });

  it('fails when its program fails, is killed or does not exist', async () => {
    const commands: readonly (readonly [string, ...string[]])[] = [
      [process.execPath, '-e', 'process.exit(3)'],
      [process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'],
      ['no-such-program'],
    ];
    for (const command of commands) {
      expect(await runStep({ name: 'bad', command }, process.cwd())).toMatchObject({ isOk: false });
    }
  });
});
