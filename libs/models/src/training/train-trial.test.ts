import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModelCheckpoint } from '../checkpoint/model-checkpoint.ts';
import { loadTensorFlow } from '../native/index.ts';
import { exampleConfiguration, exampleData, exampleTrial } from './testing/example-trial.ts';
import { type TrainTrialHooks, trainTrial, type TrainTrialOptions, type TrialFacts } from './train-trial.ts';
import type { TrialMeasurement } from './trial-measurement.ts';
import type { TrialOutcome } from './trial-outcome.ts';

loadTensorFlow({ intraOpThreads: 1, interOpThreads: 1 });

const STEPS_PER_EPOCH = 5;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'train-trial-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly outcome: TrialOutcome;
  readonly measurements: readonly TrialMeasurement[];
  readonly facts: TrialFacts | undefined;
  readonly notes: readonly string[];
}

async function run(changes: Partial<TrainTrialOptions> = {}, hooks: TrainTrialHooks = {}): Promise<Run> {
  const measurements: TrialMeasurement[] = [];
  const notes: string[] = [];
  let facts: TrialFacts | undefined;
  const outcome = await trainTrial(exampleTrial(folder, changes), {
    ...hooks,
    onStarted: (started) => void (facts = started),
    onMeasurement: async (measurement) => {
      measurements.push(measurement);
      await hooks.onMeasurement?.(measurement);
    },
    onNote: (note) => void notes.push(note),
  });
  return { outcome, measurements, facts, notes };
}

/** What a trial measures, without how long it took. */
function withoutTimes(measurements: readonly TrialMeasurement[]): readonly TrialMeasurement[] {
  return measurements.map(({ values: { durationMs: _, examplesPerSecond: __, ...values }, ...rest }) => ({
    ...rest,
    values,
  }));
}

/** The bytes of what the trial leaves: its last state and its best models. */
function leftBytes(): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== 'measurements.log');
  return Object.fromEntries(
    names.flatMap((name) =>
      readdirSync(join(folder, name))
        .filter((file) => file.endsWith('.safetensors'))
        .map((file) => [`${name}/${file}`, readFileSync(join(folder, name, file)).toString('base64')]),
    ),
  );
}

describe('trainTrial', () => {
  it('learns, measures every epoch, and keeps the best model with what is needed to use it', async () => {
    const { outcome, measurements, facts } = await run({ configuration: { ...exampleConfiguration, epochs: 12 } });
    expect(facts).toMatchObject({ totalSteps: 60, totalEpochs: 12, resumedFromStep: 0 });
    expect(measurements.map(({ step }) => step)).toEqual(
      Array.from({ length: 12 }, (_, i) => STEPS_PER_EPOCH * (i + 1)),
    );
    const scores = measurements.map(({ values }) => values['validationMacroF1'] as number);
    const best = scores.indexOf(Math.max(...scores));
    expect(outcome).toEqual({ type: 'completed', bestStep: STEPS_PER_EPOCH * (best + 1), bestValue: scores[best] });
    expect(scores[best]).toBeGreaterThan(0.8);
    for (const { detail, values } of measurements) {
      expect(detail?.trainLoss).toHaveLength(STEPS_PER_EPOCH);
      expect(detail?.gradientNorm).toHaveLength(STEPS_PER_EPOCH);
      expect(values['gradientNorm']).toBeGreaterThan(0);
    }

    const names = readdirSync(folder).sort();
    const name = `step-${String(STEPS_PER_EPOCH * (best + 1)).padStart(6, '0')}`;
    expect(names).toEqual(['measurements.log', 'state-000060', name]);
    const { description, weights } = await readModelCheckpoint(join(folder, name));
    expect(description).toMatchObject({
      family: 'cnn1d',
      hyperparameters: { layers: '8x5,8x3', optimizer: 'adamw' },
      input: exampleData.input,
      trial: { id: 'trial-1', study: 'example', number: 0, seed: 7, fold: 0 },
      values: measurements[best]?.values,
      hasAveragedWeights: true,
    });
    const counted = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(counted).toBe(facts?.weightCount);
    const { confusionMatrix, perSubject } = description.evaluation;
    expect(confusionMatrix.flat().reduce((a, b) => a + b)).toBe(40);
    expect(perSubject.map(({ subject, count }) => [subject, count])).toEqual([
      ['cem', 20],
      ['dua', 20],
    ]);
    expect(measurements[best]?.evaluation).toEqual(description.evaluation);
  });

  it('gives the same numbers to the last bit for the same seed, and others for another', async () => {
    const first = await run();
    const left = leftBytes();
    const again = await run();
    expect(withoutTimes(again.measurements)).toEqual(withoutTimes(first.measurements));
    expect(leftBytes()).toEqual(left);
    const other = await run({ seed: 8 });
    expect(withoutTimes(other.measurements)).not.toEqual(withoutTimes(first.measurements));
  });

  // Each optimizer has its own state to carry over.
  for (const [optimizer, stops] of [
    ['adamw', [1, 2]],
    ['sgd', [1]],
    ['rmsprop', [2]],
  ] as const) {
    it(`stopped after an epoch and continued ends as one that was never stopped, bit for bit, with ${optimizer}`, async () => {
      const configuration = { ...exampleConfiguration, optimizer, epochs: 3 };
      const whole = await run({ configuration, keepBest: 2 });
      const left = leftBytes();
      for (const stopAfter of stops) {
        rmSync(folder, { recursive: true });
        const stop = new AbortController();
        const onMeasurement = ({ epoch }: TrialMeasurement): void => {
          if (epoch === stopAfter) stop.abort();
        };
        const before = await run({ configuration, keepBest: 2 }, { signal: stop.signal, onMeasurement });
        const step = stopAfter * STEPS_PER_EPOCH;
        expect(before.outcome).toEqual({ type: 'stopped', step });
        const after = await run({ configuration, keepBest: 2, resumeFromStep: step });
        expect(after.facts?.resumedFromStep).toBe(step);
        expect(after.outcome).toEqual(whole.outcome);
        expect(withoutTimes([...before.measurements, ...after.measurements])).toEqual(withoutTimes(whole.measurements));
        expect(leftBytes()).toEqual(left);
      }
    });
  }

  it('goes back to an older state when the newest is damaged, to the same end', async () => {
    const whole = await run();
    const left = leftBytes();
    rmSync(folder, { recursive: true });
    const stop = new AbortController();
    await run(
      {},
      {
        signal: stop.signal,
        onMeasurement: ({ epoch }) => {
          if (epoch === 4) stop.abort();
        },
      },
    );
    truncateSync(join(folder, 'state-000020', 'state.safetensors'), 100);
    const after = await run({ resumeFromStep: 20 });
    expect(after.facts?.resumedFromStep).toBe(15);
    expect(after.notes.join('\n')).toContain('state-000020');
    expect(after.outcome).toEqual(whole.outcome);
    expect(withoutTimes(after.measurements)).toEqual(withoutTimes(whole.measurements).slice(3));
    expect(leftBytes()).toEqual(left);
  });

  it('reports again what its agent did not hear of, and the outcome of a trial that is over', async () => {
    const whole = await run();
    const again = await run({ resumeFromStep: 10 });
    expect(again.facts?.resumedFromStep).toBe(30);
    expect(again.measurements).toEqual(whole.measurements.slice(2));
    expect(again.outcome).toEqual(whole.outcome);
  });

  it('starts from the beginning when there is nothing to continue from', async () => {
    const { facts, notes } = await run({ resumeFromStep: 10 });
    expect(facts?.resumedFromStep).toBe(0);
    expect(notes.join()).toContain('starts from the beginning');
  });

  it('refuses to continue another trial', async () => {
    await run();
    const configuration = { ...exampleConfiguration, dropout: 0.3 };
    await expect(trainTrial(exampleTrial(folder, { configuration, resumeFromStep: 30 }))).rejects.toThrow(
      /holds a trial whose hyperparameters is .*"dropout":0.2.*"dropout":0.3/,
    );
  });

  it('ends as infeasible, with the epoch and the reason, when the loss is not finite', async () => {
    // Each step multiplies the weights by 1 - learningRate * weightDecay = -9.
    const explosive = { optimizer: 'sgd', learningRate: 10, weightDecay: 1, warmupEpochs: 0, clipNorm: 0, epochs: 20 };
    const { outcome } = await run({ configuration: { ...exampleConfiguration, ...explosive } });
    expect(outcome).toMatchObject({ type: 'infeasible', code: 'diverged' });
    expect(outcome).toMatchObject({ reason: expect.stringMatching(/is not finite .* at epoch \d/) as string });
    expect((outcome as { epoch: number }).epoch).toBeGreaterThan(0);
  });

  it('ends as infeasible when the model cannot be built', async () => {
    const outcomeOf = async (configuration: TrainTrialOptions['configuration'], family = 'cnn1d') =>
      (await run({ configuration, family })).outcome;
    const invalid = { type: 'infeasible', code: 'invalid-configuration' };
    expect(await outcomeOf({ learningrate: 1 })).toEqual({
      ...invalid,
      reason: 'cnn1d has no hyperparameter "learningrate". Did you mean learningRate?',
    });
    expect(await outcomeOf({ layers: '4x9,4x9', padding: 'valid' })).toMatchObject({
      ...invalid,
      reason: expect.stringContaining('a window of at least 17 samples, got 16') as string,
    });
    expect(await outcomeOf({}, 'resnet')).toMatchObject(invalid);
  });

  it('ends as infeasible when the model does not fit into memory', async () => {
    const layers = '9999x1,99999x999'; // 10^12 weights
    const { outcome } = await run({ configuration: { layers, padding: 'same' } });
    expect(outcome).toMatchObject({ type: 'infeasible', code: 'out-of-memory' });
  });

  it('takes a batch larger than the training set as one step an epoch', async () => {
    const { measurements } = await run({ configuration: { ...exampleConfiguration, batchSize: 4096, epochs: 2 } });
    expect(measurements.map(({ step, detail }) => [step, detail?.trainLoss.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it('keeps as many of the best as asked, by the metric that was asked for', async () => {
    const objective = { metric: 'validationLoss', direction: 'minimise' } as const;
    const { measurements } = await run({ keepBest: 3, objective });
    const bySteps = measurements.toSorted(
      (a, b) => (a.values['validationLoss'] as number) - (b.values['validationLoss'] as number),
    );
    const expected = bySteps.slice(0, 3).map(({ step }) => `step-${String(step).padStart(6, '0')}`);
    expect(readdirSync(folder).filter((name) => name.startsWith('step-'))).toEqual(expected.sort());
  });

  it('stops early only by a rule that names its metric', async () => {
    const configuration = { ...exampleConfiguration, learningRate: 1e-8, averageWeights: 0, epochs: 8 };
    const earlyStopping = { kind: 'patience', metric: 'validationMacroF1', epochs: 2 } as const;
    const { outcome, measurements } = await run({ configuration, earlyStopping });
    expect(measurements.length).toBeLessThan(8);
    expect(outcome).toMatchObject({
      type: 'completed',
      reason: expect.stringContaining('validationMacroF1 has had no new best for 2 epochs') as string,
    });
    expect((await run({ configuration })).measurements).toHaveLength(8);
    const unknown = { ...earlyStopping, metric: 'accuracy' };
    await expect(trainTrial(exampleTrial(folder, { earlyStopping: unknown }))).rejects.toThrow(
      /measures .*; got "accuracy"/,
    );
  });

  it('refuses what cannot be trained on, or kept', async () => {
    const validation = { ...exampleData.validation, subjects: exampleData.validation.subjects.with(0, 9) };
    await expect(trainTrial(exampleTrial(folder, { data: { ...exampleData, validation } }))).rejects.toThrow(
      'window 0 of validation has subject 9',
    );
    await expect(trainTrial(exampleTrial(folder, { keepBest: 0 }))).rejects.toThrow(
      'keepBest must be a whole number of checkpoints from 1 on, got 0',
    );
  });

  it('takes only a validation metric as its objective', async () => {
    const objective = { metric: 'trainLoss', direction: 'minimise' } as const;
    await expect(trainTrial(exampleTrial(folder, { objective }))).rejects.toThrow(
      /a validation metric: .*; got "trainLoss"/,
    );
  });

  it('learns nothing from shuffled labels', async () => {
    const configuration = { ...exampleConfiguration, epochs: 12 };
    const { measurements } = await run({ configuration, shuffleLabelsSeed: 3 });
    // 40 windows of 3 classes: chance is 1/3 and its standard deviation 0.075; 0.63 is 4 of them above.
    expect(measurements.at(-1)?.values['validationAccuracy']).toBeLessThan(0.63);
  });

  it('stops in the middle of an epoch and reports progress until then', async () => {
    const stop = new AbortController();
    let clock = 0;
    const progress: number[] = [];
    const { outcome } = await run(
      { configuration: { ...exampleConfiguration, batchSize: 1, layers: '384x5,384x5,384x5,384x5', epochs: 50 } },
      {
        signal: stop.signal,
        now: () => (clock += 300),
        onProgress: ({ epoch }) => {
          progress.push(epoch);
          if (epoch > 1) stop.abort();
        },
      },
    );
    expect(outcome.type).toBe('stopped');
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.some((epoch) => !Number.isInteger(epoch))).toBe(true);
  });

  it('frees what it used: tensors do not grow from trial to trial', async () => {
    await run();
    const { numTensors } = tf.memory();
    await run();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
