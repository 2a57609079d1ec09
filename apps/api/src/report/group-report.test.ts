import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishTrial, openStorage, recordMeasurements, type Study } from '@kinetune/storage';
import { runningStudy, sampleStudy } from '@kinetune/storage/testing';
import type { Space } from '@kinetune/study';
import { expect, it } from 'vitest';
import { gatherGroupReport } from './group-report.ts';
import { renderGroupReport } from './render-group-report.ts';

const spaceWith = (schedule: string): Space => ({
  version: 1,
  hyperparameters: [
    ...sampleStudy().space.hyperparameters,
    { name: 'schedule', kind: 'schedule', role: 'scientific', domain: { type: 'categorical', choices: [schedule] } },
  ],
  fixed: [],
});

it('a group report pairs the configurations of its studies and tells what the choice brings', async () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-group-'));
  await using storage = await openStorage(home);
  const { db } = storage;
  const studies: Study[] = [];
  for (const [schedule, gain] of [
    ['constant', 0],
    ['cosine', 0.05],
  ] as const) {
    const { study, propose, claim } = await runningStudy(db, {
      name: `decay.${schedule}`,
      space: spaceWith(schedule),
      studyGroup: { name: 'decay', hyperparameter: 'schedule', value: schedule },
    });
    studies.push(study);
    for (let number = 0; number < 8; number++) {
      await propose(number, [100 + number], { learningRate: 10 ** (-4 + 3 * (number / 7)), schedule });
      const { writer } = await claim();
      const validationAccuracy = 0.8 - 0.02 * Math.abs(number - 4) + gain + 0.001 * (number % 3);
      await recordMeasurements(db, writer, [{ step: 10, epoch: 1, values: { trainLoss: 1, validationAccuracy } }]);
      await finishTrial(db, writer, { state: 'COMPLETED' });
    }
  }
  const report = await gatherGroupReport(db, studies);
  expect(report.members.map(({ value, completed, best }) => [value, completed, best?.trial])).toEqual([
    ['constant', 8, 4],
    ['cosine', 8, 4],
  ]);
  expect(report.schedules).toMatchObject({ verdict: 'helps' });
  expect(report.schedules?.numbers.pairs).toHaveLength(8);
  expect(report.schedules?.numbers.comparison?.effect).toBeCloseTo(0.05, 9);
  expect(report.fairness.verdict).toBe('fair');
  expect(report.isolation.points.map(({ label, trials }) => [label, trials.length])).toEqual([
    ['constant', 8],
    ['cosine', 8],
  ]);
  const markdown = renderGroupReport(report);
  expect(markdown).toContain('| cosine | decay.cosine | 0.851');
  expect(markdown).toContain('*helps*: decay (cosine) helps: +0.05');
  rmSync(home, { recursive: true });
});
