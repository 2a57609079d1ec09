import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepOfName } from '../checkpoint/checkpoint-name.ts';
import { readModelCheckpoint } from '../checkpoint/model-checkpoint.ts';
import { loadTensorFlow } from '../native/index.ts';
import { evaluateCheckpoint, type HeldOutWindows } from './evaluate-checkpoint.ts';
import { exampleConfiguration, exampleTrial } from './testing/example-trial.ts';
import { trainTrial } from './train-trial.ts';

loadTensorFlow({ intraOpThreads: 1, interOpThreads: 1 });

describe('evaluateCheckpoint', () => {
  let folder: string;
  let step: number;
  let held: HeldOutWindows;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
    const trial = exampleTrial(folder, { configuration: { ...exampleConfiguration, averageWeights: 0.5 } });
    const { data } = trial;
    const source = { ...data.input.source, splitHash: 'split' };
    await trainTrial({ ...trial, data: { ...data, input: { ...data.input, source } } });
    step = readdirSync(folder)
      .map((name) => stepOfName('step', name))
      .find((one) => one !== undefined) as number;
    held = { ...data.validation, subjectNames: data.subjectNames, splitHash: 'split' };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives for the validation people what the trial measured with the same weights', async () => {
    const before = tf.memory().numTensors;
    const score = await evaluateCheckpoint({ checkpointFolder: folder, step }, held);
    const { description } = await readModelCheckpoint(
      join(folder, readdirSync(folder).find((name) => name.startsWith('step-')) as string),
    );
    expect(description.hasAveragedWeights).toBe(true);
    expect(score.evaluation).toEqual(description.evaluation);
    expect(score.macroF1).toBe(description.values['validationMacroF1']);
    expect(score.loss).toBeCloseTo(description.values['validationLoss'] as number, 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('looks at fewer windows than a batch', async () => {
    const labels = held.labels.slice(0, 3);
    const { evaluation } = await evaluateCheckpoint(
      { checkpointFolder: folder, step },
      {
        ...held,
        labels,
        subjects: held.subjects.slice(0, 3),
        samples: held.samples.slice(0, (held.samples.length / held.labels.length) * 3),
      },
    );
    expect(evaluation.confusionMatrix.flat().reduce((sum, count) => sum + count)).toBe(3);
  });

  it('refuses the people of another split, nobody, and a model that is not there or damaged', async () => {
    const attempt = (changes: Partial<HeldOutWindows>, at = step) =>
      evaluateCheckpoint({ checkpointFolder: folder, step: at }, { ...held, ...changes });
    await expect(attempt({ splitHash: 'another' })).rejects.toMatchObject({ code: 'other-split' });
    const nobody = { samples: new Float32Array(0), labels: new Int32Array(0), subjects: new Int32Array(0) };
    await expect(attempt(nobody)).rejects.toMatchObject({ code: 'nobody-held-out' });
    await expect(attempt({}, step + 1)).rejects.toMatchObject({ name: 'InputError' });
    const name = readdirSync(folder).find((one) => one.startsWith('step-')) as string;
    appendFileSync(join(folder, name, 'weights.safetensors'), 'x');
    await expect(attempt({})).rejects.toMatchObject({ name: 'InputError' });
  });
});
