import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { halfOf, PLANNED_SEEDS } from './planned-runs.ts';
import { scoreRuns } from './score.ts';
import { staleRuns } from './stale-runs.ts';
import { asStored, readStoredRuns, STORED_FILES } from './stored-run.ts';

const runs = readStoredRuns();
const heldBack = scoreRuns(runs, 'held back');
const tuning = scoreRuns(runs, 'tuning');

describe('the stored curves', () => {
  it('are those that the plan describes, and small', () => {
    expect(staleRuns(runs)).toEqual([]);
    for (const file of Object.values(STORED_FILES)) expect(statSync(file).size).toBeLessThan(3_000_000);
  });

  it('come back as they were stored', () => {
    expect(asStored(runs[0]!)).toEqual(runs[0]);
  });

  it('hold back 90 seeds, none of which is in the other half', () => {
    expect(PLANNED_SEEDS.filter((seed) => halfOf(seed) === 'held back')).toHaveLength(90);
    expect(new Set(PLANNED_SEEDS).size).toBe(PLANNED_SEEDS.length);
  });

  it('are told from runs of another description, and from too few', () => {
    const [first, , ...others] = runs;
    const stale = staleRuns([{ ...first!, fingerprint: 'another' }, ...others]);
    expect(stale).toHaveLength(2);
    expect(stale[0]).toContain('another');
    expect(stale[1]).toContain('not stored');
  });
});

describe('curve diagnosis on planted causes', () => {
  it.each(heldBack.map(({ label }) => label))('%s: 40 planted runs or more took effect', (label) => {
    const counted = [...heldBack, ...tuning].filter((score) => score.label === label).map((score) => score.counted);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(40);
  });

  it.each(heldBack)('$label: precision and recall are 0.9 or better on the half held back', ({ precision, recall }) => {
    expect(precision).toBeGreaterThanOrEqual(0.9);
    expect(recall).toBeGreaterThanOrEqual(0.9);
  });
});
