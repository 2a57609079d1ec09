import { describe, expect, it } from 'vitest';
import { ramp, smallDataset, smallPeople } from '../testing/small-dataset.ts';
import { createSplit } from '../split/create-split.ts';
import { partIndices } from '../split/part-indices.ts';
import { fitScaler } from '../standardise/scaler.ts';
import { cutWindows } from '../windows/cut-windows.ts';
import { auditLeaks } from './audit-leaks.ts';

const windows = cutWindows(smallPeople(6), { length: 10, step: 5 });
const fixed = { kind: 'fixed' as const, train: ['1', '2', '3'], validation: ['4', '5'], test: ['6'] };
const split = createSplit(windows, fixed);
const indices = partIndices(windows, split);

describe('auditLeaks', () => {
  it('finds a split by person with a scaler of the training people clean, and says what it looked for', () => {
    const audit = auditLeaks(windows, split, fitScaler(windows, indices.train));
    expect(audit).toMatchObject({ verdict: 'clean', findings: [], scaler: { people: ['1', '2', '3'] } });
    expect(audit.checks).toContain('scaler');
    expect(auditLeaks(windows, split).checks).not.toContain('scaler');
  });

  it('names the people of a scaler fitted on more than the training people', () => {
    const all = Int32Array.from(windows.label.keys());
    expect(auditLeaks(windows, split, fitScaler(windows, all))).toMatchObject({
      verdict: 'leaking',
      findings: [{ kind: 'scaler', count: 3, examples: ['4', '5', '6'] }],
    });
  });

  it('counts people, recordings and neighbours that random windows share', () => {
    // 50 % overlap: a test window is without a neighbour in train where both are in other parts or at an end.
    const big = cutWindows(smallPeople(40, [0, 205]), { length: 10, step: 5 });
    const random = createSplit(big, { kind: 'random-windows', seed: 1, validationShare: 0.15, testShare: 0.15 });
    const audit = auditLeaks(big, random, fitScaler(big, Int32Array.from(big.label.keys())));
    expect(audit.verdict).toBe('leaking');
    const trainTest = audit.shared.find(({ parts }) => parts.join() === 'train,test');
    expect(trainTest?.people.length).toBeGreaterThan(35);
    expect(trainTest?.recordings.length).toBe(trainTest?.people.length);
    // 1 - 0.3² = 0.91 for inner windows; 3.3 standard deviations of a binomial of 240 windows are 0.06.
    expect(Math.abs((trainTest?.overlappingShare ?? 0) - 0.91)).toBeLessThan(0.07);
    expect(audit.findings.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['shared-people', 'shared-recordings', 'shared-samples', 'scaler']),
    );
    expect(audit.findings.at(-1)?.message).toMatch(/fitted on 1600 windows and train has 1120/);
  });

  it('counts overlapping pairs exactly', () => {
    const one = cutWindows(smallDataset([{ segments: [{ start: 0, end: 25, label: 0 }] }]), { length: 10, step: 5 });
    const lists = { train: [0, 2], validation: [3], test: [1] };
    const made = { ...split, ...{ train: ['1'], validation: ['1'], test: ['1'] }, windows: lists };
    const audit = auditLeaks(one, made);
    // Windows start at 0 5 10 15: 1 meets 0 and 2, 3 meets 2.
    expect(audit.shared.map(({ overlappingPairs, overlappingShare }) => [overlappingPairs, overlappingShare])).toEqual([
      [1, 1],
      [2, 1],
      [0, 0],
    ]);
  });

  it('finds a signal that occurs under two names, bit for bit', () => {
    const segments = [{ start: 0, end: 40, label: 0 }];
    const twice = cutWindows(
      smallDataset([
        { samples: ramp(40), segments },
        { samples: ramp(40, 5000), segments },
        { samples: ramp(40), segments },
      ]),
      { length: 10, step: 10 },
    );
    const byPerson = createSplit(twice, { kind: 'fixed', train: ['1'], validation: ['2'], test: ['3'] });
    const audit = auditLeaks(twice, byPerson);
    expect(audit.findings).toMatchObject([
      { kind: 'duplicate-signals', count: 4, examples: ['r2:0', 'r2:10', 'r2:20', 'r2:30'] },
    ]);
    expect(audit.shared.map((pair) => pair.duplicateWindows)).toEqual([0, 4, 0]);
  });
});
