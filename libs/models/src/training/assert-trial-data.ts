/** Whether the parts of a trial's data belong together. Samples that are not finite are the engine's to find. */
import { InputError } from '@kinetune/study';
import type { LabelledWindows, TrialData } from './trial-data.ts';

/** @throws InputError `trial-data` saying what was expected and what came. */
export function assertTrialData({ train, validation, subjectNames, input }: TrialData): void {
  const { channels, labels, window, scaler } = input;
  for (const [name, windows] of Object.entries({ train, validation })) {
    assertCounts(name, windows, [window.length, channels.length]);
    assertIndices(windows.labels, labels.length, (row, label) => {
      return `window ${row} of ${name} has label ${label}; the labels are 0 to ${labels.length - 1} (${labels.join(', ')})`;
    });
    assertIndices(windows.subjects, subjectNames.length, (row, subject) => {
      return `window ${row} of ${name} has subject ${subject}; the subjects are 0 to ${subjectNames.length - 1}`;
    });
  }
  const { mean, standardDeviation } = scaler;
  for (const [name, values] of Object.entries({ mean, standardDeviation })) {
    if (values.length === channels.length && values.every(Number.isFinite)) continue;
    refuse(`the scaler's ${name} needs ${channels.length} finite numbers, one a channel; got ${values.join(', ')}`);
  }
  if (!standardDeviation.every((value) => value > 0)) {
    refuse(`the scaler's standardDeviation must be above 0; got ${standardDeviation.join(', ')}`);
  }
}

function assertCounts(
  name: string,
  { samples, labels, subjects }: LabelledWindows,
  [length, channelCount]: readonly [number, number],
): void {
  const count = labels.length;
  if (count === 0) refuse(`${name} has no windows; a trial needs at least one to train and one to validate on`);
  const needed = count * length * channelCount;
  if (samples.length !== needed) {
    refuse(
      `${name} has ${samples.length} samples; its ${count} labels need ${count} windows of ${length} x ${channelCount}, ${needed}`,
    );
  }
  if (subjects.length !== count) {
    refuse(`${name} has ${count} labels and ${subjects.length} subjects; each window needs both`);
  }
}

function assertIndices(
  indices: Int32Array,
  bound: number,
  describe: (row: number, index: number | undefined) => string,
): void {
  const row = indices.findIndex((index) => index < 0 || index >= bound);
  if (row >= 0) refuse(describe(row, indices[row]));
}

function refuse(message: string): never {
  throw new InputError('trial-data', message);
}
