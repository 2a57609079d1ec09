/** The main job with the real trainer: TensorFlow, a tiny study, a control, kills in the middle. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Findings, FoundControl } from './findings/findings.ts';
import { studyResults } from './testing/study-results.ts';
import { runKinetune, startKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy } from './testing/small-study.ts';

let homes: PreparedHomes;
beforeAll(async () => {
  homes = await prepareHomes();
});
afterAll(() => homes[Symbol.dispose]());

const findingsOf = (stdout: string): Findings => JSON.parse(stdout) as Findings;

describe('kinetune train with the built-in trainer', () => {
  it('learns three activities by people, and kill -9 in the middle changes no number', async () => {
    const fixed = ['epochs: { value: 12, reason: fast }', 'batchSize: { value: 32, reason: fast }'];
    const study = writeSmallStudy(join(homes.folder, 'real'), { trials: 3, fixed });
    const whole = homes.create();
    const result = await runKinetune(['train', study, '--slots', '1', '--json'], { home: whole, trainer: undefined });
    expect(result.stderr).not.toMatch(/error/i);
    expect(result.code).toBe(0);
    const findings = findingsOf(result.stdout);
    expect(findings.best[0]?.metrics.validationAccuracy).toBeGreaterThan(0.9);
    expect(findings.curve?.trainLoss.at(-1)).toBeLessThan(findings.curve?.trainLoss[0] as number);
    expect(findings.classes.map(({ name }) => name)).toEqual(['run', 'sit', 'walk']);
    expect(findings.people).toHaveLength(2);
    expect(findings.best[0]?.weightCount).toBeGreaterThan(0);

    const broken = homes.create();
    const first = startKinetune(['train', study, '--slots', '2'], { home: broken, trainer: undefined });
    await first.until(/trial \d: epoch [3-9]\/12/);
    first.kill('SIGKILL');
    await first.result;
    const second = await runKinetune(['train', study, '--slots', '2'], { home: broken, trainer: undefined });
    expect(second.code).toBe(0);
    expect(await studyResults(broken, 'small')).toEqual(await studyResults(whole, 'small'));
  });

  it('with shuffled labels ends within 3 points of the majority class, where true labels end well above it', async () => {
    const study = writeSmallStudy(join(homes.folder, 'control'), {
      trials: 3,
      seed: 8,
      folds: 6,
      isUneven: true,
      learningRateMaximum: 0.003,
      fixed: ['epochs: { value: 12, reason: fast }', 'batchSize: { value: 32, reason: fast }'],
    });
    const options = { home: homes.create(), trainer: undefined };
    const control = await runKinetune(['train', study, '--shuffle-labels', '--json'], options);
    const real = await runKinetune(['train', study, '--json'], options);
    const { meanAccuracy, majorityAccuracy, isPassed } = findingsOf(control.stdout).control as FoundControl;
    expect(isPassed).toBe(true);
    expect(Math.abs(meanAccuracy - majorityAccuracy)).toBeLessThanOrEqual(0.03);
    expect(findingsOf(real.stdout).best[0]?.metrics.validationAccuracy).toBeGreaterThan(majorityAccuracy + 0.05);
  });
});
