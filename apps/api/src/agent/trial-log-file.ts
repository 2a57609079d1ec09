import { join } from 'node:path';
import type { Trial } from '@kinetune/storage';

/** Where a trial's log lies: in the store, which is the home where machines share no other folder. */
export function trialLogFile(
  store: string,
  study: string,
  { number, replicate }: Pick<Trial, 'number' | 'replicate'>,
): string {
  const sibling = replicate === 0 ? '' : `-${replicate}`;
  return join(store, 'logs', study, `trial-${String(number).padStart(4, '0')}${sibling}.log`);
}
