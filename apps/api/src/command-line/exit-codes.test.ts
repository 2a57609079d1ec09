import { expect, it } from 'vitest';
import { EXIT_CODES, exitCodeOf, isSystemError, systemErrorMessage } from './exit-codes.ts';

it('what the system refuses is no mistake of ours, and its message says what to do', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(exitCodeOf(full)).toBe(EXIT_CODES.environment);
  expect(systemErrorMessage(full)).toBe(
    'the disk is full: free some space and run the same command again (ENOSPC: no space left on device, write)',
  );
  const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  expect([isSystemError(missing), exitCodeOf(missing)]).toEqual([false, EXIT_CODES.unexpected]);
});
