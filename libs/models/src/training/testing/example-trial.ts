/** A small trial that trains in a second: three movements of five people, told apart by frequency, person by amplitude. */
import { createRng } from '@kinetune/study';
import type { LabelledWindows, TrialData } from '../trial-data.ts';
import type { TrainTrialOptions } from '../train-trial.ts';

const LENGTH = 16;
const CHANNELS = ['accX', 'accY', 'accZ'];
export const exampleLabels = ['slow', 'medium', 'fast'];

function windowsOf(people: readonly number[], windowsEach: number): LabelledWindows {
  const count = people.length * windowsEach;
  const samples = new Float32Array(count * LENGTH * CHANNELS.length);
  const labels = new Int32Array(count);
  const subjects = new Int32Array(count);
  for (let w = 0; w < count; w++) {
    const person = people[w % people.length] as number;
    const rng = createRng('example trial', person, w);
    const label = rng.integer(exampleLabels.length);
    labels[w] = label;
    subjects[w] = person;
    const phase = rng.next() * 6;
    for (let t = 0; t < LENGTH; t++) {
      for (let c = 0; c < CHANNELS.length; c++) {
        const wave = Math.sin(0.4 * (label + 1) * t + phase + c);
        samples[(w * LENGTH + t) * CHANNELS.length + c] = (1 + 0.1 * person) * wave + 0.3 * rng.normal();
      }
    }
  }
  return { samples, labels, subjects };
}

/** 70 windows to train on, so that in batches of 16 the last has 6, and 40 to validate on. */
export const exampleData: TrialData = {
  train: windowsOf([0, 1], 35),
  validation: windowsOf([2, 3], 20),
  subjectNames: ['ann', 'bob', 'cem', 'dua'],
  input: {
    scaler: { mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
    channels: CHANNELS.map((name) => ({ name, quantity: 'acceleration', unit: 'g' })),
    sampleRateHz: 10,
    window: { length: LENGTH, step: LENGTH },
    labels: exampleLabels,
    source: { dataset: 'example' },
  },
};

/** Everything that has a state or draws is on: slots of AdamW, averaged weights, dropout, augmentation. */
export const exampleConfiguration = {
  layers: '8x5,8x3',
  padding: 'same',
  dropout: 0.2,
  batchSize: 16,
  epochs: 6,
  learningRate: 0.02,
  warmupEpochs: 1,
  averageWeights: 0.5,
  clipNorm: 1,
  classWeights: 'balanced',
  jitter: 0.05,
  scaling: 0.1,
  rotationDegrees: 10,
  mixup: 0.2,
} as const;

export function exampleTrial(checkpointFolder: string, changes: Partial<TrainTrialOptions> = {}): TrainTrialOptions {
  return {
    trial: { id: 'trial-1', study: 'example', number: 0 },
    family: 'cnn1d',
    configuration: exampleConfiguration,
    seed: 7,
    fold: 0,
    data: exampleData,
    objective: { metric: 'validationMacroF1', direction: 'maximise' },
    checkpointFolder,
    ...changes,
  };
}
