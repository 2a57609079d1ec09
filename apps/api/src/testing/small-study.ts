/** A data set and a study small enough for tests: six made-up people, three activities, a CSV file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '@kinetune/study';

export interface SmallStudyOptions {
  readonly name?: string;
  readonly trials?: number;
  readonly seed?: number;
  /** More YAML lines under `fixed:`. */
  readonly fixed?: readonly string[];
  readonly learningRateMaximum?: number;
  /** More YAML at the end: phase, sampler, pruner. */
  readonly search?: string;
  /** Folds of people; default 3, which leaves two people to train on. */
  readonly folds?: number;
  /** `schedule` is a scientific choice: constant or cosine. */
  readonly isGrouped?: boolean;
  /** One activity has three quarters of the samples. */
  readonly isUneven?: boolean;
}

/** Writes `study.yaml` and its `recordings.csv` into the folder; gives the study file's path. */
export function writeSmallStudy(folder: string, options: SmallStudyOptions = {}): string {
  const {
    name = 'small',
    trials = 4,
    seed = 7,
    fixed = [],
    learningRateMaximum = 0.03,
    isUneven = false,
    search = '',
    isGrouped = false,
    folds = 3,
  } = options;
  mkdirSync(folder, { recursive: true });
  const data = join(folder, 'recordings.csv');
  writeFileSync(data, recordings(isUneven));
  const file = join(folder, 'study.yaml');
  writeFileSync(
    file,
    `name: ${name}
goal: Does the machinery work?
data:
  dataset: csv
  path: ${data}
  csv: { channels: [x, y, z] }
  window: { length: 32, step: 16 }
  split: { kind: group-k-fold, folds: ${folds} }
model: cnn1d
space:
${isGrouped ? '  schedule: { type: categorical, choices: [constant, cosine], role: scientific }\n' : ''}  learningRate: { type: float, minimum: 0.0003, maximum: ${learningRateMaximum}, scale: log }
  dropout: { type: float, minimum: 0, maximum: 0.5 }
fixed:
  channels: { value: 8, reason: fast }
${fixed.map((line) => `  ${line}\n`).join('')}budget: { trials: ${trials} }
seed: ${seed}
${search}`,
  );
  return file;
}

/** Each activity is an oscillation of its own frequency, each person has an amplitude of their own; 20 Hz. */
function recordings(isUneven: boolean): string {
  const lines = ['time,x,y,z,label,subject'];
  for (let person = 1; person <= 6; person++) {
    let sample = 0;
    const rng = createRng('small-study', person);
    for (const [activity, hertz] of [
      ['sit', 0.1],
      ['walk', 2],
      ['run', 3.5],
    ] as const) {
      const samples = isUneven ? (activity === 'walk' ? 720 : 120) : 320;
      for (let i = 0; i < samples; i++, sample++) {
        const swing = (0.5 + 0.1 * person) * Math.sin((2 * Math.PI * hertz * i) / 20);
        const values = [swing, 0.5 * swing, 1 - 0.2 * swing].map((value) => (value + 0.05 * rng.normal()).toFixed(4));
        lines.push(`${(sample / 20).toFixed(2)},${values.join(',')},${activity},person-${person}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
