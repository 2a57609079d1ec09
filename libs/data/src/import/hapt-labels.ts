import { InputError } from '@kinetune/study';
import { textLines } from './text-lines.ts';

/** A row of HAPT's labels.txt; `first` and `last` are 1-based and inclusive. */
export interface HaptLabelRow {
  readonly experiment: number;
  readonly activity: number;
  readonly first: number;
  readonly last: number;
  readonly line: number;
}

interface LabelRules {
  readonly file: string;
  readonly activityCount: number;
  /** User of each experiment, by the names of the signal files. */
  readonly users: ReadonlyMap<number, number>;
}

/**
 * Rows `experiment user activity first last`, by experiment.
 * @throws InputError naming the line: not five whole numbers, an unknown activity or experiment, another user, an empty range
 */
export function readHaptLabels(
  bytes: Uint8Array,
  { file, activityCount, users }: LabelRules,
): Map<number, HaptLabelRow[]> {
  const rows = new Map<number, HaptLabelRow[]>();
  for (const { line, text } of textLines(bytes)) {
    if (text.trim() === '') continue;
    const fields = text.trim().split(/\s+/);
    if (fields.length !== 5 || !fields.every((field) => /^\d{1,9}$/.test(field))) {
      throw new InputError(
        'row-width',
        `expected five whole numbers (experiment user activity first last), got "${text.trim().slice(0, 60)}".`,
        { file, line },
      );
    }
    const [experiment, user, activity, first, last] = fields.map(Number) as [number, number, number, number, number];
    if (activity < 1 || activity > activityCount) {
      throw new InputError('label-unknown', `expected an activity from 1 to ${activityCount}, got ${activity}.`, {
        file,
        line,
      });
    }
    const owner = users.get(experiment);
    if (owner === undefined) {
      throw new InputError(
        'hapt-experiment-unknown',
        `expected an experiment that has signal files, got ${experiment}.`,
        { file, line },
      );
    }
    if (owner !== user) {
      throw new InputError(
        'hapt-user-differs',
        `expected user ${owner}, whose files experiment ${experiment} has, got user ${user}.`,
        { file, line },
      );
    }
    if (first < 1 || last < first) {
      throw new InputError(
        'label-range',
        `expected a first sample from 1 on and a last one not before it, got ${first} to ${last}.`,
        { file, line },
      );
    }
    const ofExperiment = rows.get(experiment) ?? [];
    rows.set(experiment, ofExperiment);
    ofExperiment.push({ experiment, activity, first, last, line });
  }
  if (rows.size === 0)
    throw new InputError(
      'file-empty',
      'expected rows of experiment, user, activity, first and last sample, got none.',
      { file },
    );
  return rows;
}
