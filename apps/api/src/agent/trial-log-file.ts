import { join } from 'node:path';
import type { Trial } from '@kinetune/storage';

/** Where a trial's log lies: under the home, or whatever folder its agents share. */
export function trialLogFile(
  folder: string,
  study: string,
  { number, replicate }: Pick<Trial, 'number' | 'replicate'>,
): string {
  const sibling = replicate === 0 ? '' : `-${replicate}`;
  return join(folder, 'logs', study, `trial-${String(number).padStart(4, '0')}${sibling}.log`);
}
