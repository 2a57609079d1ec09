import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  claimTrial,
  createConfiguration,
  createStudy,
  finishTrial,
  openStorage,
  recordMeasurements,
  registerAgent,
  type Study,
} from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import type { Space } from '@kinetune/study';
import { expect, it } from 'vitest';
import { gatherGroupReport } from './group-report.ts';
import { renderGroupReport } from './render-group-report.ts';

const spaceWith = (schedule: string): Space => ({
  version: 1,
  hyperparameters: [
    {
      name: 'learningRate',
      kind: 'optimizer',
      role: 'nuisance',
      domain: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' },
    },
    { name: 'schedule', kind: 'schedule', role: 'scientific', domain: { type: 'categorical', choices: [schedule] } },
  ],
  fixed: [],
});

it('a group report pairs the configurations of its studies and tells what the choice brings', async () => {
  const home = mkdtempSync(join(tmpdir(), 'kinetune-group-'));
  await using storage = await openStorage(home);
  const { db } = storage;
  const agent = await registerAgent(db, { host: 'here', pid: 1, devices: ['CPU'] });
  const studies: Study[] = [];
  for (const [schedule, gain] of [
    ['constant', 0],
    ['cosine', 0.05],
  ] as const) {
    const study = await createStudy(
      db,
      sampleStudy({
        name: `decay.${schedule}`,
        space: spaceWith(schedule),
        studyGroup: { name: 'decay', hyperparameter: 'schedule', value: schedule },
      }),
    );
    studies.push(study);
    for (let number = 0; number < 8; number++) {
      const values = { learningRate: 10 ** (-4 + 3 * (number / 7)), schedule };
      const samplerNote = { sampler: 'halton', engineVersion: 1, reason: 'a test' };
      const trials = [{ seed: 100 + number, fold: 0 }];
      await createConfiguration(db, study.id, { number, values, spaceVersion: 1, samplerNote, trials });
      const trial = await claimTrial(db, {
        studyId: study.id,
        agentId: agent.id,
        slotId: agent.slots[0]?.id as string,
      });
      const writer = { trialId: trial?.id ?? '', fencingToken: trial?.fencingToken ?? 0 };
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
