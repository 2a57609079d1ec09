/**
 * The leak audit: what training and evaluation windows share that they should not. It looks at the windows themselves
 * and believes no label on the split.
 */
import { partIndices } from '../split/part-indices.ts';
import { PARTS, type Part, type Split } from '../split/split.ts';
import type { Scaler } from '../standardise/scaler.ts';
import { naturalOrder } from '../windows/natural-order.ts';
import type { Windows } from '../windows/windows.ts';
import { duplicateWindows } from './duplicate-windows.ts';
import { overlappingWindows } from './overlapping-windows.ts';

export const LEAKS = ['shared-people', 'shared-recordings', 'shared-samples', 'duplicate-signals', 'scaler'] as const;
export type LeakKind = (typeof LEAKS)[number];

/** The three pairs of parts that must have nothing in common; the second is the one whose score is inflated. */
export const PART_PAIRS = [
  ['train', 'validation'],
  ['train', 'test'],
  ['validation', 'test'],
] as const satisfies readonly (readonly [Part, Part])[];

/** What two parts share. */
export interface SharedByParts {
  readonly parts: readonly [Part, Part];
  readonly people: readonly string[];
  readonly recordings: readonly string[];
  /** Pairs of windows, one in each part, with at least one sample in common. */
  readonly overlappingPairs: number;
  /** Share of the second part's windows with such a neighbour in the first, 0 ... 1. */
  readonly overlappingShare: number;
  /** Windows of the second part whose signal occurs, bit for bit, elsewhere in the first. */
  readonly duplicateWindows: number;
}

export interface LeakFinding {
  readonly kind: LeakKind;
  readonly message: string;
  /** How many people, recordings, windows. */
  readonly count: number;
  /** The first few, by name or as `recording:start`. */
  readonly examples: readonly string[];
}

export interface LeakAudit {
  readonly verdict: 'clean' | 'leaking';
  readonly findings: readonly LeakFinding[];
  readonly shared: readonly SharedByParts[];
  /** What the scaler saw; undefined where none was given. */
  readonly scaler: { readonly people: readonly string[]; readonly windowCount: number } | undefined;
  /** What was looked for, so that a clean verdict says what it means. */
  readonly checks: readonly LeakKind[];
}

const EXAMPLE_COUNT = 5;

/**
 * Audits a split of windows, and the scaler where one is used. Duplicates are found bit for bit and window by window:
 * the same recording shifted by part of a step, rescaled or resampled is not recognised.
 */
export function auditLeaks(windows: Windows, split: Split, scaler?: Scaler): LeakAudit {
  const indices = partIndices(windows, split);
  const partOf = new Int8Array(windows.label.length).fill(-1);
  PARTS.forEach((part, p) => indices[part].forEach((w) => (partOf[w] = p)));
  const namesOf = (part: Part, index: Int32Array, names: readonly string[]) =>
    new Set(Array.from(indices[part], (w) => names[index[w] as number] as string));
  const people = byPart((part) => namesOf(part, windows.subject, windows.subjects));
  const recordings = byPart((part) => namesOf(part, windows.recording, windows.recordings));
  const overlaps = overlappingWindows(windows, partOf);
  const duplicates = duplicateWindows(windows, partOf);

  const findings: LeakFinding[] = [];
  const place = (w: number) => `${windows.recordings[windows.recording[w] as number]}:${windows.start[w]}`;
  const find = (kind: LeakKind, message: string, all: readonly string[]) => {
    if (all.length > 0) findings.push({ kind, message, count: all.length, examples: all.slice(0, EXAMPLE_COUNT) });
  };
  const shared = PART_PAIRS.map((parts): SharedByParts => {
    const [first, second] = parts;
    const key = `${PARTS.indexOf(first)}${PARTS.indexOf(second)}`;
    const sharedPeople = both(people[first], people[second]);
    const sharedRecordings = both(recordings[first], recordings[second]);
    const overlap = overlaps.get(key) ?? { pairCount: 0, windows: [] };
    const copies = duplicates.get(key) ?? [];
    const total = indices[second].length;
    const share = total === 0 ? 0 : overlap.windows.length / total;
    find('shared-people', `${first} and ${second} share people`, sharedPeople);
    find('shared-recordings', `${first} and ${second} share recordings`, sharedRecordings);
    find(
      'shared-samples',
      `${(100 * share).toFixed(1)} % of the ${second} windows share samples with a ${first} window`,
      overlap.windows.map(place),
    );
    find('duplicate-signals', `${second} windows whose signal is also in ${first}, bit for bit`, copies.map(place));
    return {
      parts,
      people: sharedPeople,
      recordings: sharedRecordings,
      overlappingPairs: overlap.pairCount,
      overlappingShare: share,
      duplicateWindows: copies.length,
    };
  });
  if (scaler !== undefined) {
    const strangers = scaler.fittedOn.filter((name) => !people.train.has(name));
    find('scaler', 'the scaler was fitted on people who are not in train', strangers);
    if (strangers.length === 0 && scaler.windowCount > indices.train.length) {
      find(
        'scaler',
        `the scaler was fitted on ${scaler.windowCount} windows and train has ${indices.train.length}`,
        scaler.fittedOn,
      );
    }
  }
  return {
    verdict: findings.length === 0 ? 'clean' : 'leaking',
    findings,
    shared,
    scaler: scaler === undefined ? undefined : { people: scaler.fittedOn, windowCount: scaler.windowCount },
    checks: scaler === undefined ? LEAKS.filter((kind) => kind !== 'scaler') : LEAKS,
  };
}

function both(a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] {
  return [...a].filter((name) => b.has(name)).sort(naturalOrder);
}

function byPart<T>(of: (part: Part) => T): Readonly<Record<Part, T>> {
  return { train: of('train'), validation: of('validation'), test: of('test') };
}
