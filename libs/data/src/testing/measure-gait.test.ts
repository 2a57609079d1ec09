import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../import/import-dataset.ts';
import type { Dataset } from '../recording.ts';
import { HARMONICS } from '../synthetic/activities.ts';
import { GAIT_TABLE } from './gait-table.ts';
import { measureGait } from './measure-gait.ts';
import { HAS_REAL_DATA, NO_REAL_DATA, REAL_DATA_FOLDER } from './real-data.ts';

describe.skipIf(!HAS_REAL_DATA)(`measureGait on the recordings that the table was made of${NO_REAL_DATA}`, () => {
  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await importDataset(join(REAL_DATA_FOLDER, 'uci-hapt/hapt-raw.zip'), { kind: 'hapt-6' });
  }, 60_000);

  // Largest differences found: 0.02 Hz (which peak of a restless segment is the cadence), 0.0003 g, 3.1 %.
  it.each([
    ['WALKING', 'WALK'],
    ['WALKING_UPSTAIRS', 'UP'],
    ['WALKING_DOWNSTAIRS', 'DOWN'],
  ] as const)('%s: gives the table, amplitudes within 5 %%', (label, name) => {
    const real = measureGait(dataset, dataset.labels.indexOf(label));
    const table = GAIT_TABLE[name];
    expect(Math.abs(real.stepHz - table.stepHz.mean)).toBeLessThan(0.04);
    expect(Math.abs(real.vertical - table.vertical.mean)).toBeLessThan(0.002);
    HARMONICS.forEach((k, h) => {
      const ratio = (real.harmonics[h] as number) / (table.harmonics[h] as number);
      expect(Math.abs(ratio - 1), `amplitude at ${k} f0 is ${ratio.toFixed(3)} of the table's`).toBeLessThan(0.05);
    });
  });
});
