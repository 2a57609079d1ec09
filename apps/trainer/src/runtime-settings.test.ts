import { describe, expect, it } from 'vitest';
import { readCommandLine } from './runtime-settings.ts';

describe('readCommandLine', () => {
  it('takes flags before the environment before the machine', () => {
    expect(readCommandLine([], {}, 8)).toEqual({
      type: 'run',
      runtime: { intraOpThreads: 8, interOpThreads: 8, xla: false, oneDnn: true },
    });
    const environment = { KINETUNE_INTRA_OP_THREADS: '2', KINETUNE_XLA: '1', KINETUNE_ONE_DNN: '0' };
    expect(readCommandLine([], environment, 8)).toEqual({
      type: 'run',
      runtime: { intraOpThreads: 2, interOpThreads: 2, xla: true, oneDnn: false },
    });
    expect(
      readCommandLine(['--intra-op-threads', '1', '--inter-op-threads=3', '--no-one-dnn'], environment, 8),
    ).toEqual({
      type: 'run',
      runtime: { intraOpThreads: 1, interOpThreads: 3, xla: true, oneDnn: false },
    });
    expect(readCommandLine(['--help'], {}).type).toBe('help');
  });

  it('says what was expected and what came', () => {
    expect(() => readCommandLine(['--intra-op-threads', '0'], {})).toThrow(
      '--intra-op-threads must be a whole number of threads from 1 to 4096, got "0"',
    );
    expect(() => readCommandLine([], { KINETUNE_INTER_OP_THREADS: 'many' })).toThrow(
      /KINETUNE_INTER_OP_THREADS.*"many"/,
    );
    expect(() => readCommandLine([], { KINETUNE_XLA: 'yes' })).toThrow('KINETUNE_XLA must be 1 or 0, got "yes"');
    expect(() => readCommandLine(['--threads', '2'], {})).toThrow(/--threads[^]*Usage:/);
  });
});
