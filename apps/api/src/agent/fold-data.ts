/** What trials of one fold train on, and what their results depend on. */
import type { Fingerprint } from '@kinetune/storage';
import type { StartMessage } from '@kinetune/study';

export interface FoldData {
  readonly data: StartMessage['data'];
  readonly fingerprint: Fingerprint;
}
