import { describe, expect, it } from 'vitest';
import type { SplitSpec } from '@kinetune/study';
import { smallDataset, smallPeople } from '../testing/small-dataset.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import { createSplit, foldCountOf } from './create-split.ts';
import { parseSplit } from './parse-split.ts';
import { partIndices } from './part-indices.ts';
import { PARTS, type Split } from './split.ts';

const windowsOf = (dataset = smallPeople(10)) => cutWindows(dataset, { length: 10, step: 5 });
const kFold = (fold: number, seed = 0): SplitSpec => ({ kind: 'group-k-fold', folds: 5, fold, seed });

function expectDisjoint(split: Split): void {
  const all = PARTS.flatMap((part) => split[part]);
  expect(new Set(all).size).toBe(all.length);
  for (const part of PARTS) expect(split[part].length).toBeGreaterThan(0);
}

describe('group k-fold', () => {
  it('tests and validates everybody exactly once over the folds, with disjoint parts in each', () => {
    const windows = windowsOf();
    const splits = [0, 1, 2, 3, 4].map((fold) => createSplit(windows, kFold(fold)));
    splits.forEach(expectDisjoint);
    for (const part of ['test', 'validation'] as const) {
      expect(splits.flatMap((split) => split[part]).sort()).toEqual([...windows.subjects].sort());
    }
    expect(splits.map((split) => split.validation)).toEqual([1, 2, 3, 4, 0].map((i) => splits[i]?.test));
  });

  it('depends on the seed, and on nothing but the people and the seed', () => {
    const windows = windowsOf();
    const reversed = cutWindows(
      { ...smallPeople(10), recordings: [...smallPeople(10).recordings].reverse() },
      {
        length: 10,
        step: 10,
      },
    );
    expect(createSplit(reversed, kFold(2)).test).toEqual(createSplit(windows, kFold(2)).test);
    const bySeed = [0, 1, 2, 3].map((seed) => createSplit(windows, kFold(0, seed)).test.join());
    expect(new Set(bySeed).size).toBeGreaterThan(1);
  });

  it('deals folds whose sizes differ by at most one', () => {
    const sizes = [0, 1, 2, 3, 4].map((fold) => createSplit(windowsOf(smallPeople(13)), kFold(fold)).test.length);
    expect(sizes.sort()).toEqual([2, 2, 3, 3, 3]);
  });

  it('stratified, evens out class shares that chance leaves uneven', () => {
    // Ten people, five with class 0 alone and five with class 1 alone: even folds have one of each.
    const one = smallPeople(5, [100, 0]).recordings;
    const other = smallPeople(5, [0, 100]).recordings.map((recording, r) => ({
      ...recording,
      id: `other${r}`,
      subject: `${6 + r}`,
    }));
    const windows = windowsOf(smallDataset([...one, ...other]));
    for (let fold = 0; fold < 5; fold++) {
      const split = createSplit(windows, kFold(fold), { isStratified: true });
      expectDisjoint(split);
      expect(split.test).toHaveLength(2);
      expect(split.classCounts.test).toEqual([19, 19]);
      expect(split.notes).toEqual([]);
    }
    const byChance = [0, 1, 2, 3, 4].map((fold) => createSplit(windows, kFold(fold)));
    expect(byChance.flatMap((split) => split.notes).some((note) => note.code === 'class-missing')).toBe(true);
  });
});

describe('the other splits by person', () => {
  it('official: the published test people, and validation people drawn from the published training people', () => {
    const train = ['1', '2', '3', '4', '5', '6', '7'];
    const dataset = { ...smallPeople(10), officialSplit: { name: 'published', train, test: ['8', '9', '10'] } };
    const windows = windowsOf(dataset);
    const spec = (seed: number): SplitSpec => ({ kind: 'official', seed, validationShare: 0.3 });
    const split = createSplit(windows, spec(0));
    expectDisjoint(split);
    expect(split.test).toEqual(['8', '9', '10']);
    expect(split.validation).toHaveLength(2);
    expect([...split.train, ...split.validation].sort()).toEqual(train);
    expect(createSplit(windows, spec(0))).toEqual(split);
    expect(new Set([0, 1, 2, 3].map((seed) => createSplit(windows, spec(seed)).hash)).size).toBeGreaterThan(1);
    expect(() => createSplit(windowsOf(), spec(0))).toThrow(/small has no official split/);
    const overlapping = { ...dataset, officialSplit: { name: 'x', train, test: ['7', '8'] } };
    expect(() => createSplit(windowsOf(overlapping), spec(0))).toThrow(/has 7 on both sides/);
  });

  it('leave one subject out: every person is the test person of one fold', () => {
    const windows = windowsOf();
    const spec = (fold: number): SplitSpec => ({ kind: 'leave-one-subject-out', fold, seed: 1, validationShare: 0.2 });
    expect(foldCountOf(windows, spec(0))).toBe(10);
    const splits = windows.subjects.map((_, fold) => createSplit(windows, spec(fold)));
    splits.forEach(expectDisjoint);
    expect(splits.flatMap((split) => split.test)).toEqual(windows.subjects);
    expect(splits.every((split) => split.validation.length === 2)).toBe(true);
    expect(() => createSplit(windows, spec(10))).toThrow(/expected a fold from 0 to 9, got 10/);
  });

  it('fixed lists: refuses unknown and repeated people, and says who is left out', () => {
    const windows = windowsOf();
    const spec = { kind: 'fixed', train: ['1', '2'], validation: ['3'], test: ['4'] } as const;
    const fixed = (fields: Partial<Record<(typeof PARTS)[number], string[]>>) =>
      createSplit(windows, { ...spec, train: [...spec.train], validation: ['3'], test: ['4'], ...fields });
    expect(fixed({}).notes).toEqual([{ code: 'people-left-out', message: 'in no part: 5, 6, 7, 8, 9, 10' }]);
    expect(() => fixed({ test: ['11'] })).toThrow(/test names '11'/);
    expect(() => fixed({ test: ['2'] })).toThrow(/'2' is in train and in test/);
    expect(() => fixed({ train: ['1', '1'] })).toThrow(/'1' is in train and in train/);
    expect(() => fixed({ test: [] })).toThrow(/nobody with windows is left for test/);
  });

  it('refuses too few people', () => {
    expect(() => createSplit(windowsOf(smallPeople(4)), kFold(0))).toThrow(/5 folds need at least 5 people; .* has 4/);
    expect(() =>
      createSplit(windowsOf(smallPeople(2)), { kind: 'leave-one-subject-out', fold: 0, seed: 0, validationShare: 0.2 }),
    ).toThrow(/need at least 2 people; 1 left/);
  });
});

describe('random windows', () => {
  const spec: SplitSpec = { kind: 'random-windows', seed: 3, validationShare: 0.2, testShare: 0.3 };

  it('deals every window once and is marked as leaking; no split by person is', () => {
    const windows = windowsOf();
    const split = createSplit(windows, spec);
    expect(split.isLeaking).toBe(true);
    const indices = partIndices(windows, split);
    expect([...indices.train, ...indices.validation, ...indices.test].sort((a, b) => a - b)).toEqual([
      ...windows.start.keys(),
    ]);
    expect([indices.validation.length, indices.test.length]).toEqual([36, 54]);
    expect(createSplit(windows, kFold(0)).isLeaking).toBe(false);
  });

  it('is refused for other windows than it was made for', () => {
    const split = createSplit(windowsOf(), spec);
    expect(() => partIndices(windowsOf(smallPeople(9)), split)).toThrow(/deals 180 windows; small has 162/);
  });
});

describe('the manifest', () => {
  it('survives JSON and gives the same windows', () => {
    const windows = windowsOf();
    for (const spec of [kFold(1), { kind: 'random-windows', seed: 0, validationShare: 0.2, testShare: 0.2 } as const]) {
      const split = createSplit(windows, spec);
      const read = parseSplit(JSON.parse(JSON.stringify(split)), 'split.json');
      expect(read).toEqual(split);
      expect(partIndices(windows, read)).toEqual(partIndices(windows, split));
    }
  });

  it('is refused when edited, or when it hides that it leaks', () => {
    const split = createSplit(windowsOf(), kFold(1));
    const moved = { ...split, train: split.train.slice(1), test: [...split.test, split.train[0]] };
    expect(() => parseSplit(moved, 'split.json')).toThrow(/split.json: its hash is .* they were edited/);
    const leaking = createSplit(windowsOf(), { kind: 'random-windows', seed: 0, validationShare: 0.2, testShare: 0.2 });
    expect(() => parseSplit({ ...leaking, isLeaking: false }, 'split.json')).toThrow(/cannot say isLeaking false/);
    expect(() => parseSplit({ train: [1] }, 'split.json')).toThrow(/expected a list of people in 'train'/);
    expect(() => parseSplit(null, 'split.json')).toThrow(/expected a split manifest/);
  });

  it('names people it does not know when used with other data', () => {
    const split = createSplit(windowsOf(), kFold(1));
    expect(() => partIndices(windowsOf(smallPeople(3)), split)).toThrow(/the split names '\d+' in \w+; small has/);
  });
});
