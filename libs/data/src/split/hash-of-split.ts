import { jsonHash } from '../cache/json-hash.ts';
import type { Part, Split } from './split.ts';

/** sha256 over what decides a result: the kind, the people of each part, and window indices where these decide. */
export function hashOfSplit(split: Pick<Split, 'kind' | Part | 'windows'>): string {
  const { kind, train, validation, test, windows } = split;
  return jsonHash({ kind, train, validation, test, windows });
}
