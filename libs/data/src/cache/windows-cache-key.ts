import type { WindowOptionsInSamples } from '../windows/window-options.ts';
import { jsonHash } from './json-hash.ts';

/** Raised whenever the same content and options would give other windows, so that no cache outlives its rules. */
const WINDOWING_VERSION = 1;

/**
 * The key of a set of windows: content and options, 64 hexadecimal digits. It needs no import, only the source's hash.
 * @param options `variant` names whatever else shapes the result between source and windows and is not part of the
 *   content hash, such as `hapt-6` for six of HAPT's twelve classes, or the options of a CSV import.
 */
export function windowsCacheKey(
  contentHash: string,
  options: WindowOptionsInSamples & { readonly variant?: string },
): string {
  return jsonHash({
    windowing: WINDOWING_VERSION,
    contentHash,
    length: options.length,
    step: options.step,
    labels: options.labels ?? null,
    variant: options.variant ?? null,
  });
}
