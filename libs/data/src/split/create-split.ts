/** Makes the split that a study's specification asks for. */
import { createRng, InputError, permutation, type SplitSpec } from '@kinetune/study';
import { naturalOrder } from '../windows/natural-order.ts';
import type { Windows } from '../windows/windows.ts';
import { dealPeople } from './deal-people.ts';
import { hashOfSplit } from './hash-of-split.ts';
import { notesOfSplit } from './notes-of-split.ts';
import { partIndices } from './part-indices.ts';
import { PARTS, type Part, type Split } from './split.ts';

/** What a split needs to know of windows. */
export type SplitSource = Pick<Windows, 'subjects' | 'subject' | 'label' | 'labels' | 'datasetName' | 'officialSplit'>;

export interface CreateSplitOptions {
  /** `group-k-fold`: deal people so that every fold has about the same class shares; default: by chance alone. */
  readonly isStratified?: boolean;
}

type People = Readonly<Record<Part, readonly string[]>>;

/**
 * Train, validation and test people (disjoint), a function of the windows' people and the specification:
 * - `official`: the published test people; `validationShare` of the published training people, drawn by seed, validate.
 * - `fixed`: three lists.
 * - `group-k-fold`: people are dealt into k folds by seed; fold i tests, fold i+1 (mod k) validates, the others train.
 *   So over all folds everybody is tested once and validates once.
 * - `leave-one-subject-out`: person `fold` in natural order tests, `validationShare` of the others validate.
 * - `random-windows`: windows are dealt without regard to people. For comparison only; marked as leaking.
 *
 * @throws InputError for too few people, unknown people, overlapping lists or a fold that does not exist.
 */
export function createSplit(windows: SplitSource, spec: SplitSpec, options: CreateSplitOptions = {}): Split {
  if (spec.kind === 'random-windows') return randomWindows(windows, spec);
  const people = choosePeople(windows, spec, options);
  for (const part of PARTS) {
    if (people[part].length === 0) fail('split-too-few-people', `nobody with windows is left for ${part}`);
  }
  return finish(windows, spec, people, null);
}

/** How many folds a specification has: 1 for those without folds. */
export function foldCountOf(windows: Pick<Windows, 'subjects'>, spec: SplitSpec): number {
  if (spec.kind === 'group-k-fold') return spec.folds;
  return spec.kind === 'leave-one-subject-out' ? windows.subjects.length : 1;
}

function choosePeople(
  windows: SplitSource,
  spec: Exclude<SplitSpec, { kind: 'random-windows' }>,
  options: CreateSplitOptions,
): People {
  const { subjects } = windows;
  switch (spec.kind) {
    case 'official': {
      const official = windows.officialSplit;
      if (official === undefined) {
        return fail(
          'split-none-official',
          `${windows.datasetName} has no official split; use group-k-fold or fixed lists`,
        );
      }
      const overlap = official.train.filter((name) => official.test.includes(name));
      if (overlap.length > 0) {
        fail('split-overlap', `the official split of ${windows.datasetName} has ${overlap.join(', ')} on both sides`);
      }
      // People of the published lists without a window (too short a recording) cannot be in any part.
      const present = (names: readonly string[]) => names.filter((name) => subjects.includes(name));
      return { ...withValidation(present(official.train), spec), test: present(official.test) };
    }
    case 'fixed': {
      checkLists(windows, spec);
      return { train: spec.train, validation: spec.validation, test: spec.test };
    }
    case 'group-k-fold': {
      checkFold(spec.fold, spec.folds);
      if (subjects.length < spec.folds) {
        fail(
          'split-too-few-people',
          `${spec.folds} folds need at least ${spec.folds} people; ${windows.datasetName} has ${subjects.length}`,
        );
      }
      const folds = dealPeople(windows, spec, options.isStratified ?? false);
      const test = folds[spec.fold] as readonly string[];
      const validation = folds[(spec.fold + 1) % spec.folds] as readonly string[];
      return { train: subjects.filter((name) => !test.includes(name) && !validation.includes(name)), validation, test };
    }
    case 'leave-one-subject-out': {
      checkFold(spec.fold, subjects.length);
      const test = [...subjects].sort(naturalOrder)[spec.fold] as string;
      const others = subjects.filter((name) => name !== test);
      return { ...withValidation(others, spec), test: [test] };
    }
  }
}

/** Draws validation people among those who may train: the rounded share, at least one, and at least one stays. */
function withValidation(
  names: readonly string[],
  spec: { readonly kind: string; readonly seed: number; readonly validationShare: number },
): Pick<People, 'train' | 'validation'> {
  if (names.length < 2) {
    fail(
      'split-too-few-people',
      `training and validation need at least 2 people; ${names.length} left after the test people`,
    );
  }
  const sorted = [...names].sort(naturalOrder);
  const count = Math.min(sorted.length - 1, Math.max(1, Math.round(sorted.length * spec.validationShare)));
  const order = permutation(sorted.length, createRng(spec.seed, 'split', 'validation-people'));
  const drawn = new Set(order.subarray(0, count));
  return { train: sorted.filter((_, i) => !drawn.has(i)), validation: sorted.filter((_, i) => drawn.has(i)) };
}

function checkLists(windows: SplitSource, lists: People): void {
  const seen = new Map<string, Part>();
  for (const part of PARTS) {
    for (const name of lists[part]) {
      if (!windows.subjects.includes(name)) {
        fail(
          'split-unknown-person',
          `${part} names '${name}'; ${windows.datasetName} has windows of ${windows.subjects.join(', ')}`,
        );
      }
      const other = seen.get(name);
      if (other !== undefined)
        fail('split-overlap', `'${name}' is in ${other} and in ${part}; a person belongs to one part`);
      seen.set(name, part);
    }
  }
}

function checkFold(fold: number, foldCount: number): void {
  if (!Number.isInteger(fold) || fold < 0 || fold >= foldCount) {
    fail('split-fold', `expected a fold from 0 to ${foldCount - 1}, got ${fold}`);
  }
}

function randomWindows(windows: SplitSource, spec: Extract<SplitSpec, { kind: 'random-windows' }>): Split {
  const count = windows.subject.length;
  const validationCount = Math.round(count * spec.validationShare);
  const testCount = Math.round(count * spec.testShare);
  const trainCount = count - validationCount - testCount;
  if (Math.min(validationCount, testCount, trainCount) < 1) {
    fail(
      'split-shares',
      `shares ${spec.validationShare} (validation) and ${spec.testShare} (test) of ${count} windows leave a part empty`,
    );
  }
  const order = permutation(count, createRng(spec.seed, 'split', 'random-windows'));
  const slice = (from: number, to: number) => [...order.subarray(from, to)].sort((a, b) => a - b);
  const lists = {
    train: slice(validationCount + testCount, count),
    validation: slice(testCount, testCount + validationCount),
    test: slice(0, testCount),
  };
  const peopleOf = (indices: readonly number[]) => {
    const present = new Set(indices.map((w) => windows.subject[w] as number));
    return windows.subjects.filter((_, i) => present.has(i));
  };
  const people = {
    train: peopleOf(lists.train),
    validation: peopleOf(lists.validation),
    test: peopleOf(lists.test),
  };
  return finish(windows, spec, people, lists);
}

function finish(windows: SplitSource, spec: SplitSpec, people: People, lists: Split['windows']): Split {
  const inOrder = (names: readonly string[]) => [...names].sort(naturalOrder);
  const parts = { train: inOrder(people.train), validation: inOrder(people.validation), test: inOrder(people.test) };
  const indices = partIndices(windows, { ...parts, windows: lists });
  const counts = (part: Part) => {
    const perClass = windows.labels.map(() => 0);
    for (const w of indices[part]) {
      const k = windows.label[w] as number;
      perClass[k] = (perClass[k] as number) + 1;
    }
    return perClass;
  };
  const classCounts = { train: counts('train'), validation: counts('validation'), test: counts('test') };
  return {
    kind: spec.kind,
    seed: 'seed' in spec ? spec.seed : null,
    fold: 'fold' in spec ? spec.fold : null,
    foldCount: 'fold' in spec ? foldCountOf(windows, spec) : null,
    ...parts,
    windows: lists,
    isLeaking: spec.kind === 'random-windows',
    classCounts,
    notes: notesOfSplit(windows, parts, classCounts),
    hash: hashOfSplit({ kind: spec.kind, ...parts, windows: lists }),
  };
}

function fail(code: string, message: string): never {
  throw new InputError(code, message);
}
