/** How windows are cut, in samples or in seconds, checked and reduced to samples. */
import { InputError } from '@kinetune/study';

export interface WindowOptionsInSamples {
  /** Samples in a window. */
  readonly length: number;
  /** Samples from one window to the next; half the length is 50 % overlap. */
  readonly step: number;
  /** Keep windows of these activities only, renumbered in this order; default: all. */
  readonly labels?: readonly string[];
}

export interface WindowOptionsInSeconds {
  /** Seconds; rounded to the nearest sample. */
  readonly lengthSeconds: number;
  readonly stepSeconds: number;
  readonly labels?: readonly string[];
}

export type WindowOptions = WindowOptionsInSamples | WindowOptionsInSeconds;

/**
 * The same options in samples.
 * @throws InputError where length or step is not a positive whole number of samples.
 */
export function windowOptionsInSamples(options: WindowOptions, sampleRateHz: number): WindowOptionsInSamples {
  const labels = options.labels === undefined ? {} : { labels: options.labels };
  const inSamples =
    'length' in options
      ? { length: options.length, step: options.step, ...labels }
      : {
          length: Math.round(options.lengthSeconds * sampleRateHz),
          step: Math.round(options.stepSeconds * sampleRateHz),
          ...labels,
        };
  for (const name of ['length', 'step'] as const) {
    const value = inSamples[name];
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError(
        'window-options',
        `window ${name} must be a whole number of samples, at least 1; got ${value} (at ${sampleRateHz} Hz)`,
      );
    }
  }
  return inSamples;
}
